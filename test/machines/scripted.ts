/**
 * A planner that answers as it is told, for answers that no built-in one gives in the situation a test needs.
 *
 * Its state lists what it was asked, so that a context shows it. Installed in the registry of the test that imports it.
 */
import type { ExecutionStrategyType } from '../../src/dtos/enums.js';
import type { Ask, Decision, PlannedOrder, Strategy } from '../../src/strategies/contract.js';
import { type AnyStrategy, STRATEGIES } from '../../src/strategies/registry.js';

type Answer = Partial<Omit<Decision<unknown>, 'state'>>;
/** By what is asked; START places one order unless told, everything else does nothing. */
export type Answers = { readonly [A in Ask]?: Answer };
interface Asked {
  readonly asked: readonly Ask[];
}

export const ORDER: PlannedOrder = {
  quantity: 5,
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  price: '100',
  stopPrice: null,
  postOnly: false,
  reduceOnly: false,
};

const SILENT = { orders: [], wakeAt: null, exhausted: false, deferred: false } as const;
const DEFAULTS: Answers = { START: { orders: [ORDER] } };

const scripted: Strategy<Answers, Asked> = {
  name: 'SCRIPTED',
  asksOnOrderEnd: true,
  asksOnFill: true,
  duration: () => null,
  check() {},
  initial: () => ({ asked: [] }),
  decide: ({ params }, { asked }, _progress, _view, _now, ask) => ({
    ...SILENT,
    ...(params[ask] ?? DEFAULTS[ask]),
    state: { asked: [...asked, ask] },
  }),
  schedule: () => [],
};

(STRATEGIES as Map<string, AnyStrategy>).set(scripted.name, scripted as AnyStrategy);
export const SCRIPTED = scripted.name as ExecutionStrategyType;
