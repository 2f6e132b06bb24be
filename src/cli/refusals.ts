/**
 * Why a batch was refused, as one line per finding: `FILE: directives[0].commands[1]: message` (DESIGN section 8).
 *
 * Owns reading scope errors and pre-check refusals out of the events of a run, and the path in the scenario file.
 * Input that does not parse never gets here: it is thrown before anything runs.
 */
import type { RuntimeEvent, Scenario } from '../index.js';

export class Refusals {
  readonly #scenario: Scenario;
  /** Directive number by batch, command path by group. */
  readonly #directives = new Map<string, number>();
  readonly #commands = new Map<string, string>();
  readonly #blocked = new Map<string, string>();
  readonly lines: string[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  apply(event: RuntimeEvent): void {
    const batchId = event.batchId ?? '';
    switch (event.type) {
      case 'BATCH_CREATED':
        this.#directives.set(batchId, this.#indexOf(event.directiveId));
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

  #indexOf(directiveId: string): number {
    return this.#scenario.entries.findIndex((entry) => entry.directive.directive_id === directiveId);
  }

  #directive(batchId: string): string {
    return `directives[${this.#directives.get(batchId) ?? 0}]`;
  }

  #commandPath(batchId: string, commandId: string): string {
    const commands = this.#scenario.entries[this.#directives.get(batchId) ?? 0]?.commands;
    const index = commands?.findIndex((command) => command.command_id === commandId) ?? -1;
    return index < 0 ? this.#directive(batchId) : `${this.#directive(batchId)}.commands[${index}]`;
  }

  #pathOf(groupId: string | undefined, batchId: string): string {
    return this.#commands.get(groupId ?? '') ?? this.#directive(batchId);
  }
}
