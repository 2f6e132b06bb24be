/**
 * Flows, as the auditor sees them: one per command, each with one verdict and one stop (I14).
 *
 * Owns their counts. Whether each came to its stop is asked at the end (quiet.ts).
 */
import type { RuntimeEvent } from '../../dtos/events.js';
import type { Model } from './model.js';

interface Flow {
  verdicts: number;
  stops: number;
}

export class Flows {
  readonly #byCommand = new Map<string, Flow>();

  constructor(private readonly model: Model) {}

  event(event: RuntimeEvent): void {
    switch (event.type) {
      case 'EXECUTION_DIRECTIVE_READY':
        this.#byCommand.set(event.commandId, { verdicts: 0, stops: 0 });
        return;
      case 'TRADE_EXECUTED':
      case 'EXECUTION_FAILED':
        return this.#count(event.commandId, 'verdicts', event.type);
      case '_flow_stop_success':
      case '_flow_stop_error':
        return this.#count(event.flowId, 'stops', event.type);
      default:
        return;
    }
  }

  #count(id: string, what: keyof Flow, type: string): void {
    const flow = this.#byCommand.get(id) ?? { verdicts: 0, stops: 0 };
    this.#byCommand.set(id, flow);
    flow[what] += 1;
    if (flow[what] > 1) this.model.found('I14', 'i14OneOutcome', `${type} of ${id} for the second time`);
  }

  /** Commands without a verdict or a stop. */
  unfinished(): string[] {
    return [...this.#byCommand]
      .filter(([, flow]) => flow.verdicts !== 1 || flow.stops !== 1)
      .map(([id]) => id);
  }
}
