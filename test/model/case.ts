/**
 * One state of the product model: the real supervisor with its world, the armed deadlines, the venue's truth, and
 * what the claims have to remember. Owns how inputs and effects pass between them; decides nothing.
 */
import type { Deadlines } from '../../src/actors/deadlines.js';
import type { Effect } from '../../src/actors/fold.js';
import { Gateway } from '../../src/actors/gateway.js';
import { createPureHost, type Host } from '../../src/actors/host.js';
import type { Input } from '../../src/actors/inputs.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { type BatchRow, createWorld, type GroupRow, type Rules } from '../../src/actors/world.js';
import { PositionBook } from '../../src/book/positions.js';
import type { EventOf, RuntimeEvent } from '../../src/dtos/events.js';
import { ExecutionCommandSchema } from '../../src/dtos/execution-command.js';
import { deepFreeze, parseDto } from '../../src/dtos/parse.js';
import { StrategyDirectiveSchema } from '../../src/dtos/strategy-directive.js';
import type { Instrument, MarketView } from '../../src/dtos/venue.js';
import type { BatchContext } from '../../src/machines/batch.js';
import { parseConfig } from '../../src/runtime/config.js';
import { rulesOf } from '../../src/runtime/rules.js';
import type { Connector } from '../../src/ports/connector.js';
import { SCOPES, type Scope } from './scope.js';
import { receive, type Venue } from './venue.js';

export const T0 = Date.UTC(2025, 0, 6, 9, 0, 0);

export interface Setup {
  /** Lots of each leg. */
  readonly targets: readonly number[];
  readonly onLegFailure: 'UNWIND' | 'CANCEL_PENDING';
  /** Orders that one unwind may send. */
  readonly attempts: number;
  readonly scope: Scope;
  /** For canaries: what a defective runtime would make of an effect, a deadline, its machines. */
  readonly tamper?: (effect: Effect, group: GroupRow | undefined) => readonly Effect[];
  readonly due?: (id: string, at: number) => Input | null;
  readonly host?: (host: Host) => Host;
}

interface Timer {
  readonly gen: number;
  readonly at: number;
}

export interface Case {
  readonly setup: Setup;
  readonly supervisor: Supervisor;
  readonly venue: Venue;
  readonly timers: Map<string, Timer>;
  /** Effects whose commit is under way. */
  readonly waiting: Effect[];
  readonly seen: Seen;
  now: number;
}

/** What the journal said that later states must not contradict. */
export interface Seen {
  legFailed: boolean;
  /** Client order ids of legs that were sent after a leg had failed. */
  readonly sentAfterFailure: string[];
  /** Statuses of GROUP_SETTLED by group, events of BATCH_SETTLED, `_flow_stop_*` by command. */
  readonly settled: Map<string, string[]>;
  readonly ends: { readonly event: EventOf<'BATCH_SETTLED'> }[];
  readonly flows: Map<string, number>;
  readonly incidents: string[];
  /** Why the batch stopped, as it was first journaled. */
  stoppedBy: string | null;
  graceOver: boolean;
}

const VIEW: MarketView = { bid: '100', ask: '100', last: '100', at: T0 };
const symbolOf = (leg: number): string => `S${leg}/USD`;
const instrumentOf = (leg: number): Instrument => ({
  symbol: symbolOf(leg),
  tickSize: '1',
  lotSize: '1',
  minNotional: '0',
  base: `S${leg}`,
  quote: 'USD',
});

const stamped = (prefix: string, n: number): string =>
  `${prefix}_20250106_090000_${String(n).padStart(8, '0')}`;
const CAUSALITY = { origin: { id: 'tick-1', type: 'TICK' as const } };

const commandOf = (target: number, leg: number) =>
  parseDto(
    ExecutionCommandSchema,
    {
      command_id: stamped('EXE', leg),
      causality: CAUSALITY,
      scope: 'NEW_TRADE',
      plan_id: stamped('TPL', leg),
      entry_plan: {
        plan_id: stamped('ENT', leg),
        symbol: symbolOf(leg),
        direction: leg % 2 === 0 ? 'BUY' : 'SELL',
        order_type: 'LIMIT',
        limit_price: '100',
      },
      size_plan: { plan_id: stamped('SIZ', leg), position_size: String(target) },
      routing_plan: {
        plan_id: stamped('ROU', leg),
        execution_urgency: '0.5',
        visibility_preference: '0.5',
        max_slippage_pct: '0.01',
      },
    },
    `commands[${leg}]`,
  );

const LEGS_MAX = 4;
const VIEWS = Object.fromEntries(Array.from({ length: LEGS_MAX }, (_, leg) => [symbolOf(leg), VIEW]));

function submitOf(setup: Setup): Input {
  const legs = [...setup.targets.keys()];
  const policy = { mode: 'COORDINATED', timeout_seconds: 30, on_leg_failure: setup.onLegFailure };
  const directive = parseDto(
    StrategyDirectiveSchema,
    {
      directive_id: stamped('STR', 0),
      strategy_planner_id: 'pairs',
      causality: CAUSALITY,
      scope: 'NEW_TRADE',
      confidence: '0.5',
      execution_policy: policy,
    },
    'directive',
  );
  const facts = {
    placeValidityMs: null,
    allowShort: true,
    unlimitedCash: true,
    takerFeeBps: '0',
    balances: null,
  };
  return deepFreeze({
    k: 'submit',
    ...{ directive, commands: setup.targets.map(commandOf), restored: [], digest: 'd' },
    venues: legs.map(() => 'sim'),
    venueFacts: { sim: facts },
    instruments: Object.fromEntries(legs.map((leg) => [`sim|${symbolOf(leg)}`, instrumentOf(leg)])),
    views: VIEWS,
  });
}

const rulesFor = ({ attempts }: Setup): Rules => ({
  ...rulesOf(parseConfig({}), { postsLedger: false, benchmarks: false }),
  ackTimeoutMs: 5000,
  retryDelaysMs: [1000, 1000, 1000],
  maxRetries: 0,
  unwind: { collarBps: 100, maxAttempts: attempts, deadlineMs: 60_000 },
});

/** The batch has been submitted; its places wait for their commit. */
export function begin(setup: Setup): Case {
  const host = setup.host?.(createPureHost()) ?? createPureHost();
  const world = createWorld(rulesFor(setup), host, new PositionBook(100, false));
  const one: Case = {
    setup,
    supervisor: new Supervisor(world),
    venue: new Map(),
    timers: new Map(),
    waiting: [],
    seen: {
      legFailed: false,
      sentAfterFailure: [],
      settled: new Map(),
      ends: [],
      flows: new Map(),
      incidents: [],
      stoppedBy: null,
      graceOver: false,
    },
    now: T0,
  };
  const open = {
    k: 'open',
    seed: 'm',
    environment: 'backtest',
    configHash: '',
    version: '',
    unsafe: [],
  } as const;
  take(one, open);
  take(one, submitOf(setup));
  return one;
}

export function batchOf(one: Case): BatchRow {
  const [batch] = one.supervisor.world.batches.values();
  if (batch === undefined) throw new Error('no batch');
  return batch;
}

/** One enabled event. `by`: the operator's are no progress. */
export interface Choice {
  readonly label: string;
  readonly by: 'venue' | 'time' | 'operator';
  readonly run: (one: Case) => void;
}

/** What a machine remembers, by its entity under the pure host; null once it has ended. */
export const contextOf = <C>(entity: object | null): C | null =>
  entity === null ? null : (entity as { snapshot: { context: C } }).snapshot.context;

export const machineOf = (one: Case): BatchContext | null => contextOf<BatchContext>(batchOf(one).entity);

export const groupsOf = (one: Case): GroupRow[] => {
  const { legs, unwinds } = batchOf(one);
  return [...legs, ...unwinds];
};

export const groupOf = (one: Case, id: string): GroupRow | undefined =>
  one.supervisor.world.keys.get(id.slice(0, 12));

/** Folds an input. A fold that places waits for its commit, and whatever follows it waits behind it. */
export function take(one: Case, input: Input): void {
  const { events, effects, refusal } = one.supervisor.fold(input, one.now);
  for (const event of events) note(one.seen, event);
  if (refusal !== null && refusal.code !== 'UNWINDING') throw refusal;
  const { tamper } = one.setup;
  const done =
    tamper === undefined ? effects : effects.flatMap((effect) => tamper(effect, groupOf(one, effect.key)));
  one.waiting.push(...done);
  if (!one.waiting.some((effect) => effect.type === 'PLACE')) commit(one);
  else if (!SCOPES[one.setup.scope].stages && batchOf(one).unwinds.length > 0) commit(one);
}

function note(seen: Seen, event: RuntimeEvent): void {
  if (event.type === 'LEG_FAILED') seen.legFailed = true;
  else if (event.type === 'BATCH_STOPPING') seen.stoppedBy ??= event.reason;
  else if (event.type === 'GROUP_SETTLED') {
    const id = event.groupId ?? '';
    seen.settled.set(id, [...(seen.settled.get(id) ?? []), event.status]);
  } else if (event.type === 'BATCH_SETTLED') seen.ends.push({ event });
  else if (event.type === '_flow_stop_success' || event.type === '_flow_stop_error') {
    seen.flows.set(event.flowId, (seen.flows.get(event.flowId) ?? 0) + 1);
  } else if (event.type === 'INCIDENT') seen.incidents.push(event.what);
}

/** The commit is done: the real gateway performs what waited; what it refuses comes back as an input. */
export function commit(one: Case): void {
  const effects = one.waiting.splice(0);
  const refused: Input[] = [];
  const gateway = new Gateway(one.supervisor.world, {
    connectors: { sim: connectorOf(one) },
    deadlines: deadlinesOf(one),
    watches: { set() {}, clear() {} },
    interval: () => null,
    ledger: null,
    enqueue: (input) => refused.push(input),
    now: () => one.now,
  });
  gateway.perform(effects);
  for (const input of refused) take(one, input);
  if (SCOPES[one.setup.scope].stages) return;
  for (const id of one.timers.keys()) if (id.startsWith('s:')) fire(one, id);
}

function connectorOf(one: Case): Connector {
  const connector: Pick<Connector, 'place' | 'cancel' | 'query'> = {
    place(order) {
      if (one.seen.legFailed && groupOf(one, order.clientOrderId)?.role === 'LEG') {
        one.seen.sentAfterFailure.push(order.clientOrderId);
      }
      receive(one.venue, order);
    },
    cancel(id) {
      const truth = one.venue.get(id);
      if (truth !== undefined) truth.cancel = true;
    },
    query(id) {
      const truth = one.venue.get(id);
      if (truth !== undefined) truth.query = true;
    },
  };
  return connector as Connector;
}

function deadlinesOf(one: Case): Deadlines {
  const deadlines: Pick<Deadlines, 'arm' | 'disarm'> = {
    arm: (id, gen, at) => void one.timers.set(id, { gen, at }),
    disarm: (id) => void one.timers.delete(id),
  };
  return deadlines as Deadlines;
}

/** A deadline comes due; the time moves to it, or stays where a late one finds it. */
export function fire(one: Case, id: string): void {
  const timer = one.timers.get(id);
  if (timer === undefined) throw new Error(`${id} is not armed`);
  one.timers.delete(id);
  one.now = Math.max(one.now, timer.at);
  if (id.endsWith(':grace')) one.seen.graceOver = true;
  take(one, one.setup.due?.(id, one.now) ?? { k: 'due', id, gen: timer.gen, views: VIEWS });
}
