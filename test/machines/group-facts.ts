/** Specs, totals and events for the group machine's tests: target 10 lots; most run SINGLE, or TWAP of two slices in a minute. */
import { DcaParamsSchema, IcebergParamsSchema, LayeredParamsSchema } from '../../src/dtos/strategy-params.js';
import type {
  Block,
  GroupContext,
  GroupEvent,
  GroupSpec,
  OrderOutcome,
  Totals,
} from '../../src/machines/group-model.js';
import { groupMachine } from '../../src/machines/group.js';
import type { PriceBand, SlotProgress } from '../../src/strategies/contract.js';
import { BTC, EVEN, singleParams, T0, twapParams } from '../strategies/support.js';
import { chartOf } from './charts.js';
import { type Answers, SCRIPTED } from './scripted.js';

export const groupChart = chartOf<GroupEvent, { spec: GroupSpec }, GroupContext>(groupMachine);

/** Every event type of the union; the type makes a forgotten one an error. */
export const GROUP_EVENTS = Object.keys({
  START: true,
  DUE: true,
  ORDER_PLACED: true,
  ORDER_BLOCKED: true,
  ORDER_ENDED: true,
  ORDER_FILLED: true,
  UNKNOWN_CHANGED: true,
  TARGET_REACHED: true,
  STOP: true,
  AMEND: true,
} satisfies Record<GroupEvent['type'], true>) as GroupEvent['type'][];

export const TARGET = 10;
export const SLICE_2 = T0 + 30_000;
export const SWEEP = T0 + 55_000;
export const END = T0 + 60_000;

const COMMON: Omit<GroupSpec, 'strategy' | 'params'> = {
  instrument: BTC,
  side: 'BUY',
  target: TARGET,
  maxSlippage: '0.01',
  windowMs: null,
  onReject: 'STOP',
  onDeadline: 'CANCEL',
  sweepLeadMs: 5000,
  deferMs: 1000,
  retryDelaysMs: [500],
};

export const single = (change: Partial<GroupSpec> = {}): GroupSpec => ({
  ...COMMON,
  strategy: 'SINGLE',
  params: singleParams(),
  ...change,
});

export const twap = (change: Partial<GroupSpec> = {}): GroupSpec => ({
  ...COMMON,
  strategy: 'TWAP',
  params: twapParams({ duration_seconds: 60, slices: 2 }),
  ...change,
});

/** A tip of 4 lots, a new one shown when half of it is gone. */
export const iceberg = (change: Partial<GroupSpec> = {}): GroupSpec => ({
  ...COMMON,
  strategy: 'ICEBERG',
  params: IcebergParamsSchema.parse({
    strategy: 'ICEBERG',
    limit_price: '100',
    display_quantity: '0.004',
    refresh_threshold: '0.5',
    duration_seconds: 60,
  }),
  ...change,
});

/** Two levels of 5 lots, one open at a time. */
export const layered = (change: Partial<GroupSpec> = {}): GroupSpec => ({
  ...COMMON,
  strategy: 'LAYERED',
  params: LayeredParamsSchema.parse({ strategy: 'LAYERED', levels: 2, spacing_ticks: 10, max_open: 1 }),
  ...change,
});

/** One step of 4 lots: done at less than the target. */
export const ladder = (change: Partial<GroupSpec> = {}): GroupSpec => ({
  ...COMMON,
  strategy: 'DCA',
  params: DcaParamsSchema.parse({
    strategy: 'DCA',
    price_steps: [{ price: '90' }],
    amount: { quantity: '0.004', unit: 'BASE' },
  }),
  ...change,
});

/** Joins the bid, follows it tick by tick. */
export const chased = (change: Partial<GroupSpec> = {}): GroupSpec =>
  single({
    params: singleParams({ chase: { distance_ticks: 0, refresh_ticks: 1, max_replacements: 100 } }),
    ...change,
  });

export const scripted = (answers: Answers, change: Partial<GroupSpec> = {}): GroupSpec => ({
  ...COMMON,
  strategy: SCRIPTED,
  params: answers,
  ...change,
});

export const BAND: PriceBand = { price: 'LAST', above: '101', below: '99' };

/** No quantity of this test reaches its minimum notional. */
export const DUST = { ...BTC, minNotional: '1000000' };

const totals = (filled: number, leaves: number, unknown: number, live: number): Totals => ({
  filled,
  leaves,
  unknown,
  live,
});
export const IDLE = totals(0, 0, 0, 0);
export const OPEN = totals(0, 5, 0, 1);
export const LOST = totals(0, 0, 5, 1);
export const SOME = totals(4, 0, 0, 0);
export const SOME_OPEN = totals(4, 1, 0, 1);
export const FULL = totals(TARGET, 0, 0, 0);
export const FULL_OPEN = totals(TARGET, 1, 0, 1);

/** A DUE of an older generation than any. */
export const STALE = -1;

export const startAt = (view: typeof EVEN | null = EVEN, endsBy: number | null = null): GroupEvent => ({
  type: 'START',
  now: T0,
  view,
  endsBy,
  totals: IDLE,
});
export const due = (
  gen: number,
  now: number,
  at: Totals,
  view: typeof EVEN | null = EVEN,
  slots?: readonly SlotProgress[],
): GroupEvent => ({
  type: 'DUE',
  now,
  gen,
  view,
  totals: at,
  ...(slots === undefined ? {} : { slots }),
});
/** A watched price was left. */
export const triggered = (gen: number, at: Totals, view: typeof EVEN | null = EVEN): GroupEvent => ({
  type: 'DUE',
  now: T0,
  gen,
  triggered: true,
  view,
  totals: at,
});
export const placed: GroupEvent = { type: 'ORDER_PLACED' };
export const blocked = (block: Block, at: Totals): GroupEvent => ({
  type: 'ORDER_BLOCKED',
  now: T0,
  block,
  totals: at,
});
export const ended = (outcome: OrderOutcome, at: Totals): GroupEvent => ({
  type: 'ORDER_ENDED',
  now: T0,
  outcome,
  totals: at,
});
export const filled = (at: Totals): GroupEvent => ({ type: 'ORDER_FILLED', now: T0, totals: at });
export const unknownChanged = (at: Totals): GroupEvent => ({ type: 'UNKNOWN_CHANGED', totals: at });
export const targetReached = (at: Totals): GroupEvent => ({ type: 'TARGET_REACHED', totals: at });
export const stop = (cause: Extract<GroupEvent, { type: 'STOP' }>['cause'], at: Totals): GroupEvent => ({
  type: 'STOP',
  cause,
  totals: at,
});
export const amend = (cap: number | null, at: Totals, limitPrice: string | null = null): GroupEvent => ({
  type: 'AMEND',
  now: T0,
  limitPrice,
  cap,
  totals: at,
});
