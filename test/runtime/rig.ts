/**
 * A runtime with everything a test needs to drive it: simulated time, a scripted venue, its journal, its alerts.
 *
 * Owns building small batches, moving time, reading the journal back, and the checks that hold in every run.
 */
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { EventOf, EventType, RuntimeEvent } from '../../src/dtos/events.js';
import { ExecutionGroupSchema } from '../../src/dtos/execution-group.js';
import type { ExecutionCommandInput, ExecutionGroup, StrategyDirectiveInput } from '../../src/dtos/index.js';
import { seededIds } from '../../src/ids/ids.js';
import { createMemoryJournal, parseJournal } from '../../src/journal/index.js';
import type { Alert } from '../../src/ports/alerts.js';
import type { Journal } from '../../src/ports/journal.js';
import type { BatchHandle, BatchResult, Runtime, RuntimeOptions } from '../../src/runtime/api.js';
import { createRuntime } from '../../src/runtime/create-runtime.js';
import { ScriptedConnector, type ScriptedOptions } from '../support/scripted-connector.js';
import { passTime } from '../support/pass-time.js';

export const T0 = Date.UTC(2025, 0, 6, 9, 0, 0);
export const BTC = 'BTC/USDT';
export const ETH = 'ETH/USDT';
export const SOL = 'SOL/USDT';

const stamp = (n: number): string => `20250106_090000_${n.toString(16).padStart(8, '0')}`;
export const tradeId = (n: number): string => `TPL_${stamp(n)}`;

export interface LegOptions {
  /** Numbers the command's and the trade's ids. */
  readonly n?: number;
  readonly symbol?: string;
  readonly side?: 'BUY' | 'SELL';
  /** "1" unless told; null: no size plan. */
  readonly size?: string | null;
  /** A LIMIT at this price; MARKET without. */
  readonly limit?: string;
  readonly routing?: object;
  readonly params?: object;
  readonly exit?: { readonly stop?: string; readonly take?: string };
}

const routingPlan = (n: number, { routing, params }: LegOptions) => ({
  plan_id: `ROU_${stamp(n)}`,
  execution_urgency: '0.5',
  visibility_preference: '0.5',
  max_slippage_pct: '0.01',
  ...(params === undefined ? {} : { strategy_params: { strategy: 'SINGLE', ...params } }),
  ...routing,
});

const exitPlan = (n: number, { exit }: LegOptions) =>
  exit === undefined
    ? {}
    : {
        exit_plan: {
          plan_id: `EXT_${stamp(n)}`,
          ...(exit.stop === undefined ? {} : { stop_loss_price: exit.stop }),
          ...(exit.take === undefined ? {} : { take_profit_price: exit.take }),
        },
      };

const head = (n: number) => ({
  command_id: `EXE_${stamp(n)}`,
  causality: { origin: { id: `tick-${n}`, type: 'TICK' } },
});

const sizePlan = (n: number, size: string | null) =>
  size === null ? {} : { size_plan: { plan_id: `SIZ_${stamp(n)}`, position_size: size } };

/** A NEW_TRADE command: buys 1 BTC/USDT at the market unless told otherwise. */
export function leg(options: LegOptions = {}): ExecutionCommandInput {
  const { n = 1, symbol = BTC, side = 'BUY', size = '1', limit } = options;
  const terms = limit === undefined ? { order_type: 'MARKET' } : { order_type: 'LIMIT', limit_price: limit };
  return {
    ...head(n),
    scope: 'NEW_TRADE',
    plan_id: tradeId(n),
    entry_plan: { plan_id: `ENT_${stamp(n)}`, symbol, direction: side, ...terms },
    ...sizePlan(n, size),
    ...exitPlan(n, options),
    routing_plan: routingPlan(n, options),
  } as ExecutionCommandInput;
}

/** A MODIFY_EXISTING command of trade `trade`; `size` is its new total. */
export function modify(trade: number, options: LegOptions = {}): ExecutionCommandInput {
  const { n = 50, size = null } = options;
  const routes = size !== null || options.routing !== undefined || options.params !== undefined;
  return {
    ...head(n),
    scope: 'MODIFY_EXISTING',
    target_plan_id: tradeId(trade),
    ...sizePlan(n, size),
    ...exitPlan(n, options),
    ...(routes ? { routing_plan: routingPlan(n, options) } : {}),
  } as ExecutionCommandInput;
}

/** A CLOSE_EXISTING command of trade `trade`. */
export function close(trade: number, options: LegOptions = {}): ExecutionCommandInput {
  const { n = 90, limit, symbol = BTC, side = 'SELL' } = options;
  const entry = {
    plan_id: `ENT_${stamp(n)}`,
    symbol,
    direction: side,
    order_type: 'LIMIT',
    limit_price: limit,
  };
  return {
    ...head(n),
    scope: 'CLOSE_EXISTING',
    target_plan_id: tradeId(trade),
    ...(limit === undefined ? {} : { entry_plan: entry }),
    routing_plan: routingPlan(n, options),
  } as ExecutionCommandInput;
}

export interface Batch {
  readonly directive: StrategyDirectiveInput;
  readonly commands: readonly ExecutionCommandInput[];
}

/** A directive for these commands; `n` numbers its id. */
export function batch(
  commands: readonly ExecutionCommandInput[],
  policy: object | null = null,
  n = Number.parseInt((commands[0]?.command_id ?? '1').slice(-8), 16),
): Batch {
  const first = commands[0] as { readonly scope?: string } | undefined;
  const scope = first?.scope ?? 'NEW_TRADE';
  const targets = commands.flatMap((command) => command.target_plan_id ?? []);
  return {
    commands,
    directive: {
      directive_id: `STR_${stamp(n)}`,
      strategy_planner_id: 'test-planner',
      decision_timestamp: '2025-01-06T09:00:00Z',
      causality: { origin: { id: `tick-${n}`, type: 'TICK' } },
      scope,
      confidence: '0.8',
      ...(scope === 'NEW_TRADE' ? {} : { target_plan_ids: targets }),
      ...(policy === null ? {} : { execution_policy: policy }),
    } as StrategyDirectiveInput,
  };
}

export const coordinated = (
  commands: readonly ExecutionCommandInput[],
  policy: object = {},
  n?: number,
): Batch => batch(commands, { mode: 'COORDINATED', ...policy }, n);

export const sequential = (commands: readonly ExecutionCommandInput[], policy: object = {}): Batch =>
  batch(commands, { mode: 'SEQUENTIAL', ...policy });

export interface RigOptions {
  readonly venue?: Omit<ScriptedOptions, 'clock'>;
  /** `orchestration.plan_execution`, and the other parts of `orchestration`. */
  readonly plan?: object;
  readonly orchestration?: object;
  readonly environment?: 'backtest' | 'paper' | 'live';
  readonly journal?: Journal;
  readonly host?: 'actors' | 'pure';
  readonly more?: Partial<RuntimeOptions>;
}

export class Rig {
  /** Committed events, as `events$` carried them. */
  readonly seen: RuntimeEvent[] = [];

  private constructor(
    readonly runtime: Runtime,
    readonly clock: SimulatedClock,
    readonly venue: ScriptedConnector,
    readonly journal: Journal,
    readonly alerts: readonly Alert[],
  ) {}

  /** `parts`: a clock and a venue of the test's own, in place of those that `options` describe. */
  static async open(
    options: RigOptions = {},
    parts?: { readonly clock: SimulatedClock; readonly venue: ScriptedConnector },
  ): Promise<Rig> {
    const clock = parts?.clock ?? new SimulatedClock(T0);
    const venue = parts?.venue ?? new ScriptedConnector({ clock, ...options.venue });
    const journal = options.journal ?? createMemoryJournal();
    const alerts: Alert[] = [];
    const { plan = {}, orchestration = {}, environment = 'backtest', host } = options;
    const runtime = await createRuntime({
      connectors: { SIM: venue },
      clock,
      journal,
      ids: seededIds('test'),
      alerts: { alert: (alert) => alerts.push(alert) },
      config: { environment, orchestration: { plan_execution: plan, ...orchestration } },
      ...(host === undefined ? {} : { host }),
      ...options.more,
    });
    const rig = new Rig(runtime, clock, venue, journal, alerts);
    runtime.events$.subscribe((event) => rig.seen.push(event));
    return rig;
  }

  /** Submits, and waits until nothing is left to do at this moment. */
  async submit({ directive, commands }: Batch): Promise<BatchHandle> {
    const handle = await this.runtime.submit(directive, commands);
    await this.settle();
    return handle;
  }

  /** Comes to rest at this moment: what is due now runs too. */
  settle(): Promise<void> {
    return this.pass(0);
  }

  /** Lets `ms` pass: every timer on the way runs, and the runtime comes to rest after each. */
  pass(ms: number): Promise<void> {
    return passTime(this.clock, this.runtime, ms);
  }

  /** Does something at the venue, and lets the runtime come to rest. */
  async at(answer: (venue: ScriptedConnector) => void): Promise<void> {
    answer(this.venue);
    await this.settle();
  }

  lines(): string[] {
    return [...(this.journal.lines() ?? [])];
  }

  /** Every journaled event, oldest first. */
  all(): RuntimeEvent[] {
    const content = parseJournal(
      this.lines()
        .map((line) => `${line}\n`)
        .join(''),
    );
    return content.records.flatMap(({ events }) => events);
  }

  events<T extends EventType>(type: T): EventOf<T>[] {
    return this.all().filter((event): event is EventOf<T> => event.type === type);
  }

  /** Types of the events of one batch, group or order, in order. */
  types(id?: string): string[] {
    return this.all()
      .filter((event) => id === undefined || [event.batchId, event.groupId, event.orderId].includes(id))
      .map(({ type }) => type);
  }

  codes(): string[] {
    return this.alerts.map(({ code }) => code);
  }

  group(k = 0): ExecutionGroup {
    const group = this.runtime.groups().at(k);
    if (group === undefined) throw new Error(`there is no group ${k}`);
    return group;
  }

  statuses(): string[] {
    return this.runtime.groups().map(({ status }) => status);
  }

  positions(): Record<string, string> {
    return Object.fromEntries(
      this.runtime.positions().map(({ trade_id, position_size }) => [trade_id, position_size]),
    );
  }
}

/** Is this promise still open, once everything that waits for nothing else has run? */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let isOpen = true;
  const note = (): void => {
    isOpen = false;
  };
  promise.then(note, note);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return isOpen;
}

/** The code of the error that this rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
  return 'resolved';
}

export const quantities = (result: BatchResult) => ({
  status: result.status,
  reason: result.reason,
  filled: result.legs.map(({ filledQuantity }) => filledQuantity),
  residuals: result.residuals.map(({ symbol, quantity }) => `${quantity} ${symbol}`),
  kept: result.kept.map(({ symbol, quantity }) => `${quantity} ${symbol}`),
  dust: result.dust.map(({ symbol, quantity }) => `${quantity} ${symbol}`),
});

/**
 * What holds in every run, whatever happened in it. Returns findings, none when all is well.
 *
 * Event numbers rise by one; every place has an earlier durable intent (I2), and goes out again only as ORDER_RESENT;
 * no two orders of one slot live at once (I6); an execution counts once (I7); each settled batch has one terminal
 * event, each of its commands exactly one of TRADE_EXECUTED and EXECUTION_FAILED and exactly one stop; every group
 * is a valid DTO (filled never above target, I9).
 */
export function audit(rig: Rig): string[] {
  const found: string[] = [];
  const events = rig.all();
  for (const [i, event] of events.entries()) {
    if (event.type !== 'POISON' && event.seq !== i + 1) found.push(`event ${i + 1} is numbered ${event.seq}`);
  }
  found.push(...placeFindings(rig, events), ...slotFindings(events), ...flowFindings(events));
  const executions = events.flatMap((event) =>
    event.type === 'FILL' && event.connectorFillId !== null
      ? [`${event.clientOrderId} ${event.connectorFillId}`]
      : [],
  );
  if (new Set(executions).size !== executions.length) found.push('an execution was booked twice');
  for (const group of rig.runtime.groups()) {
    const parsed = ExecutionGroupSchema.safeParse(group);
    if (!parsed.success) found.push(`${group.group_id}: ${parsed.error.issues[0]?.message}`);
  }
  for (const event of events) {
    if (event.type === 'INCIDENT' && event.what.includes(' in ')) found.push(`unexpected: ${event.what}`);
  }
  return found;
}

function placeFindings(rig: Rig, events: readonly RuntimeEvent[]): string[] {
  const allowed = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'ORDER_INTENT' && event.type !== 'ORDER_RESENT') continue;
    allowed.set(event.clientOrderId, (allowed.get(event.clientOrderId) ?? 0) + 1);
  }
  const sent = new Map<string, string[]>();
  for (const order of rig.venue.places) {
    sent.set(order.clientOrderId, [...(sent.get(order.clientOrderId) ?? []), JSON.stringify(order)]);
  }
  return [...sent].flatMap(([id, bytes]) => [
    ...(bytes.length > (allowed.get(id) ?? 0) ? [`${id} went out ${bytes.length} times`] : []),
    ...(new Set(bytes).size > 1 ? [`${id} went out with different bytes`] : []),
  ]);
}

/** Live from its intent to its end; a venue may bring an ended order back, which this does not judge. */
function slotFindings(events: readonly RuntimeEvent[]): string[] {
  const found: string[] = [];
  const live = new Map<string, string>();
  const slotOf = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'ORDER_INTENT') {
      const slot = `${event.groupId}/${event.slot}`;
      const other = live.get(slot);
      if (other !== undefined && other !== event.clientOrderId)
        found.push(`${slot} holds ${other} and ${event.clientOrderId}`);
      live.set(slot, event.clientOrderId);
      slotOf.set(event.clientOrderId, slot);
    } else if (event.type === 'ORDER_ENDED' || event.type === 'ORDER_NOT_SENT') {
      const slot = slotOf.get(event.clientOrderId);
      if (slot !== undefined && live.get(slot) === event.clientOrderId) live.delete(slot);
    }
  }
  return found;
}

function flowFindings(events: readonly RuntimeEvent[]): string[] {
  const found: string[] = [];
  const settled = new Map<string, number>();
  const verdicts = new Map<string, number>();
  const stops = new Map<string, number>();
  const batchOf = new Map<string, string>();
  const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  for (const event of events) {
    if (event.type === 'BATCH_SETTLED') count(settled, event.batchId ?? '');
    if (event.type === 'EXECUTION_DIRECTIVE_READY') batchOf.set(event.commandId, event.batchId ?? '');
    if (event.type === 'TRADE_EXECUTED' || event.type === 'EXECUTION_FAILED')
      count(verdicts, event.commandId);
    if (event.type === '_flow_stop_success' || event.type === '_flow_stop_error') count(stops, event.flowId);
  }
  for (const [batchId, times] of settled) if (times !== 1) found.push(`${batchId} settled ${times} times`);
  for (const [command, batchId] of batchOf) {
    const isOver = settled.has(batchId);
    const [verdict, stop] = [verdicts.get(command) ?? 0, stops.get(command) ?? 0];
    if (verdict > 1 || stop > 1 || (isOver && (verdict !== 1 || stop !== 1)))
      found.push(`${command}: ${verdict} outcomes, ${stop} stops`);
  }
  return found;
}

/** One resting order of 1, acknowledged unless told. */
export async function resting(options: RigOptions = {}, isAcked = true) {
  const rig = await Rig.open(options);
  const handle = await rig.submit(batch([leg({ limit: '99' })]));
  const id = rig.venue.id();
  if (isAcked) await rig.at((venue) => venue.ack(id));
  return { rig, handle, id };
}
