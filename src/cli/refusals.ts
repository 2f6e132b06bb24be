/**
 * Why a batch was refused, as one line per finding: `FILE: directives[0].commands[1]: message` (DESIGN section 8).
 *
 * Owns reading scope errors and pre-check refusals out of the events of a run, and the path in the scenario file.
 * Input that does not parse never gets here: it is thrown before anything runs.
 */
import type { RuntimeEvent, Scenario } from '../index.js';

export class Refusals {
  readonly #scenario: Scenario;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #paths: ReadonlyMap<string, string>;
  /** Directive number by batch, command path by group. */
  readonly #directives = new Map<string, number>();
  readonly #commands = new Map<string, string>();
  readonly #blocked = new Map<string, string>();
  readonly lines: string[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#numbers = new Map(scenario.entries.map(({ directive }, i) => [directive.directive_id, i]));
    this.#paths = new Map(
      scenario.entries.flatMap(({ commands }, i) =>
        (commands ?? []).map(({ command_id: id }, j) => [id, `directives[${i}].commands[${j}]`] as const),
      ),
    );
  }

  apply(event: RuntimeEvent): void {
    const batchId = event.batchId ?? '';
    switch (event.type) {
      case 'BATCH_CREATED':
        this.#directives.set(batchId, this.#numbers.get(event.directiveId) ?? 0);
        break;
      case 'GROUP_CREATED':
        this.#commands.set(event.groupId ?? '', this.#commandPath(batchId, event.commandId));
        break;
      case 'ORDER_BLOCKED':
        if (event.block === 'STOP')
          this.#blocked.set(batchId, `${this.#pathOf(event.groupId, batchId)}: ${event.reason}`);
        break;
      case 'EXECUTION_FAILED':
        if (event.errorType === 'ValidationError')
          this.#add(`${this.#directive(batchId)}.${event.errorMessage}`);
        break;
      case 'BATCH_SETTLED': {
        const blocked = this.#blocked.get(batchId);
        if (blocked !== undefined && event.status === 'FAILED') this.#add(blocked);
        break;
      }
    }
  }

  #add(text: string): void {
    this.lines.push(`${this.#scenario.file}: ${text}`);
  }

  #directive(batchId: string): string {
    return `directives[${this.#directives.get(batchId) ?? 0}]`;
  }

  #commandPath(batchId: string, commandId: string): string {
    return this.#paths.get(commandId) ?? this.#directive(batchId);
  }

  #pathOf(groupId: string | undefined, batchId: string): string {
    return this.#commands.get(groupId ?? '') ?? this.#directive(batchId);
  }
}
