/**
 * The floor: the benchmark's work as one hand-written class would do it, and the same journal, byte for byte.
 *
 * Owns no generality: NEW_TRADE, INDEPENDENT, TWAP in even slices of MARKET orders, a venue that fills at once. It has
 * the runtime's parsing, lots and decimals, prices, ids, I5 check, totals, positions, records, commit groups, deadline
 * heap and clock; no statechart, no actor, no RxJS, no order table, no cancel, no failure. What the runtime costs
 * beyond it is the price of the rest. Its hot objects are single literals: a spread would flatter the ratio.
 */
import { createHash } from 'node:crypto';
import { INSTRUMENTS, PRICE, SLICES, START, VENUE } from './workload.mjs';

const COMMIT_INPUTS_MAX = 256;
const DUE_MAX = 1_024;
const ACK_TIMEOUT_MS = 30_000;
const HISTORY_GROUPS = 1_000;
const POSITIONS_MAX = 10_000;
const QUEUE_TRIM = 4_096;
const FACTS = {
  placeValidityMs: null,
  allowShort: true,
  unlimitedCash: false,
  takerFeeBps: '0',
  balances: null,
};

export class Floor {
  constructor(lib, { journal, clock }) {
    this.lib = lib;
    this.journal = journal;
    this.clock = clock;
    this.deadlines = new lib.Deadlines();
    this.schema = lib.executionCommandsSchema(lib.COMMANDS_MAX);
    this.ids = new lib.IdMinter('bench');
    this.groups = new Map();
    this.keys = new Map();
    this.directives = new Set();
    this.positions = new Map();
    this.settledBatches = [];
    this.settledGroups = 0;
    this.openBatches = 0;
    this.queue = [];
    this.head = 0;
    this.n = 0;
    this.seq = 0;
    this.gen = 0;
    this.reports = 0;
    this.draining = false;
    this.disarm = null;
    this.timerAt = null;
    this.open();
  }

  open() {
    const { lib } = this;
    const config = lib.parseConfig(undefined);
    const configHash = createHash('sha256').update(lib.toJson(config)).digest('hex').slice(0, 16);
    const { environment, unsafe } = config;
    const rules = lib.rulesOf(config, { postsLedger: false, benchmarks: false });
    const head = { seed: 'bench', environment, configHash, version: lib.VERSION, unsafe };
    this.queue.push({ k: 'open', ...head, epoch: 1, rules });
    this.drain();
  }

  submit(directiveInput, commandInputs) {
    const { lib } = this;
    const directive = lib.parseDto(lib.StrategyDirectiveSchema, directiveInput, 'directive');
    const digest = createHash('sha256')
      .update(lib.toJson({ directive, commands: commandInputs }))
      .digest('hex');
    const commands = lib.parseDto(this.schema, commandInputs, 'commands');
    if (this.directives.has(directive.directive_id)) throw new Error('submitted before');
    this.directives.add(directive.directive_id);
    const instruments = {};
    const views = {};
    for (const command of commands) this.list(command, instruments, views);
    this.queue.push({
      k: 'submit',
      directive,
      commands,
      digest,
      venues: commands.map(() => VENUE),
      venueFacts: { [VENUE]: FACTS },
      instruments,
      views,
      restored: [],
    });
  }

  /** Refuses what is off the lot or below the venue's minimum, and notes the listing and the view. */
  list(command, instruments, views) {
    const { lib } = this;
    if (lib.checkScope(command).length > 0 || this.positions.has(command.plan_id)) throw new Error('refused');
    const { symbol, direction: side } = command.entry_plan;
    const instrument = INSTRUMENTS[symbol];
    const target = lib.toSteps(command.size_plan.position_size, instrument.lotSize, 'EXACT');
    const view = this.view();
    const { max_slippage_pct: maxSlippage } = command.routing_plan;
    const terms = lib.marketableTerms({
      side,
      view,
      maxSlippage,
      tick: instrument.tickSize,
      limitPrice: null,
    });
    if (Math.floor(target / SLICES) < lib.venueMinimum(instrument, terms)) throw new Error('refused');
    instruments[`${VENUE}|${symbol}`] = instrument;
    views[symbol] ??= view;
  }

  view() {
    return { bid: PRICE, ask: PRICE, last: PRICE, at: this.clock.now() };
  }

  /** Folds, appends and commits in groups, then sends: what the venue says on the way joins the queue. */
  drain() {
    if (this.draining) return;
    this.draining = true;
    while (this.head < this.queue.length) {
      const effects = [];
      for (let i = 0; i < COMMIT_INPUTS_MAX && this.head < this.queue.length; i++) {
        const input = this.queue[this.head++];
        this.now = this.clock.now();
        this.events = [];
        this.cause = null;
        this.fold(input, effects);
        this.n += 1;
        this.journal.append(JSON.stringify({ n: this.n, t: this.now, input, events: this.events }));
      }
      if (this.head > QUEUE_TRIM && this.head * 2 > this.queue.length) {
        this.queue = this.queue.slice(this.head);
        this.head = 0;
      }
      this.journal.commit();
      for (const effect of effects) this.perform(effect);
      this.setTimer();
    }
    this.draining = false;
  }

  perform(effect) {
    if (effect.at !== undefined) this.deadlines.arm(effect.id, effect.gen, effect.at);
    else if (effect.wire === undefined) this.deadlines.disarm(effect.id);
    else this.fillAtOnce(effect.wire);
  }

  fillAtOnce({ clientOrderId, quantity, price }) {
    const connectorOrderId = `${VENUE}-${++this.reports}`;
    const execId = `${VENUE}-X${this.reports}`;
    const report = {
      type: 'TRADE',
      clientOrderId,
      connectorOrderId,
      at: this.clock.now(),
      execId,
      quantity,
      price,
      liquidity: 'TAKER',
    };
    this.queue.push({ k: 'report', venue: VENUE, report });
  }

  setTimer() {
    const at = this.deadlines.nextAt();
    if (at === this.timerAt && this.disarm !== null) return;
    this.disarm?.();
    this.timerAt = at;
    this.disarm = at === null ? null : this.clock.at(at, () => this.onTimer());
  }

  onTimer() {
    this.disarm = null;
    for (const { id, gen } of this.deadlines.popDue(this.clock.now(), DUE_MAX)) {
      const group = this.groups.get(id.slice(2));
      this.queue.push({ k: 'due', id, gen, views: { [group.symbol]: this.view() } });
    }
    this.setTimer();
  }

  emit(type, head, payload) {
    const seq = ++this.seq;
    this.events.push({ seq, type, at: this.now, cause: this.cause, ...head, ...payload });
    return seq;
  }

  fold(input, effects) {
    if (input.k === 'submit') this.create(input, effects);
    else if (input.k === 'due') this.slice(this.groups.get(input.id.slice(2)), input, effects);
    else if (input.k === 'report') this.report(input.report, effects);
    else this.opened(input);
  }

  opened({ seed, environment, configHash, version, unsafe }) {
    this.emit('RUNTIME_OPENED', {}, { environment, seed, configHash, version });
    for (const setting of unsafe) this.emit('RUNTIME_UNSAFE', {}, { setting });
  }

  create(input, effects) {
    const { directive, commands } = input;
    const { execution_policy: policy, causality } = directive;
    const timeoutMs = policy.timeout_seconds * 1_000;
    const batch = { id: this.ids.mint('BAT', this.now), directive, legs: [], open: commands.length };
    batch.head = { batchId: batch.id };
    this.openBatches += 1;
    const created = this.emit('BATCH_CREATED', batch.head, {
      directiveId: directive.directive_id,
      strategyId: directive.strategy_planner_id,
      mode: policy.mode,
      timeoutSeconds: policy.timeout_seconds,
      originId: causality.origin.id,
      originType: causality.origin.type,
      legs: commands.length,
    });
    for (const command of commands) this.addLeg(batch, command);
    this.cause = created;
    this.cause = this.emit('BATCH_ACTIVE', batch.head, {});
    effects.push({ id: `b:${batch.id}:timeout`, gen: ++this.gen, at: this.now + timeoutMs });
    for (const group of batch.legs) this.start(group, input, effects);
  }

  addLeg(batch, command) {
    const { lib } = this;
    const { symbol, direction: side, order_type } = command.entry_plan;
    const instrument = INSTRUMENTS[symbol];
    const { lotSize } = instrument;
    const target = lib.toSteps(command.size_plan.position_size, lotSize, 'EXACT');
    const params = { ...command.routing_plan.strategy_params, order_type };
    const id = this.ids.mint('EXG', this.now);
    const key = lib.groupKey(id);
    const group = {
      id,
      key,
      batch,
      command,
      symbol,
      side,
      instrument,
      target,
      params,
      base: Math.floor(target / SLICES),
      spare: target % SLICES,
      slot: 0,
      gen: 0,
      startedAt: 0,
      lot: lib.toFixedPoint(lotSize),
      filled: 0,
      leaves: 0,
      quantity: 0n,
      amount: 0n,
      orders: new Map(),
      orderIds: [],
      head: { batchId: batch.id, groupId: id },
      settled: false,
    };
    batch.legs.push(group);
    this.groups.set(id, group);
    this.keys.set(key, group);
    this.touch({
      tradeId: command.plan_id,
      side,
      opened: 0n,
      openedAmount: 0n,
      closed: 0n,
      closedAmount: 0n,
    });
    this.emit('GROUP_CREATED', group.head, {
      commandId: command.command_id,
      planId: command.plan_id,
      scope: command.scope,
      symbol,
      side,
      venue: VENUE,
      strategy: 'TWAP',
      strategyParams: params,
      targetQuantity: lib.fromSteps(target, lotSize),
      lotSize,
    });
    const { command_id: commandId, scope } = command;
    this.emit('EXECUTION_DIRECTIVE_READY', group.head, { commandId, scope });
  }

  start(group, input, effects) {
    const arrivalPrice = this.lib.referencePrice(input.views[group.symbol]);
    group.startedAt = this.now;
    const endsAt = this.now + group.params.duration_seconds * 1_000;
    const targetQuantity = this.lib.fromSteps(group.target, group.instrument.lotSize);
    this.emit('GROUP_STARTED', group.head, { arrivalPrice, endsAt, targetQuantity });
    this.slice(group, input, effects);
  }

  /** The slot that is due: its lots at the marketable price, within the target (I5). */
  slice(group, input, effects) {
    const { lib } = this;
    const { instrument, side, command, slot } = group;
    if (input.k === 'due' && input.gen !== group.gen) return;
    const lots = group.base + (slot < group.spare ? 1 : 0);
    const view = input.views[group.symbol];
    const maxSlippage = command.routing_plan.max_slippage_pct;
    const terms = lib.marketableTerms({
      side,
      view,
      maxSlippage,
      tick: instrument.tickSize,
      limitPrice: null,
    });
    if (lots < lib.venueMinimum(instrument, terms)) throw new Error('below the minimum');
    if (group.filled + group.leaves + lots > group.target) throw new Error('I5');
    const clientOrderId = `${group.key}${slot.toString(36).padStart(4, '0')}00`;
    const orderId = this.ids.mint('ORD', this.now);
    const wire = {
      clientOrderId,
      symbol: group.symbol,
      side,
      orderType: 'LIMIT',
      timeInForce: 'IOC',
      quantity: lib.fromFixedPoint(BigInt(lots) * group.lot),
      price: terms.price,
      stopPrice: null,
      postOnly: false,
      reduceOnly: false,
    };
    const head = { batchId: group.batch.id, groupId: group.id, orderId };
    group.orders.set(clientOrderId, { clientOrderId, orderId, head, lots, filled: 0, executions: [] });
    group.orderIds.push(orderId);
    group.leaves += lots;
    this.emit('ORDER_INTENT', head, { slot, attempt: 0, ...wire });
    if (slot === 0) this.emit('GROUP_ACTIVE', group.head, {});
    effects.push({ wire }, { id: `o:${clientOrderId}`, gen: ++this.gen, at: this.now + ACK_TIMEOUT_MS });
    this.wakeForNext(group, effects);
  }

  /** The next slot; after the last one the schedule's end. */
  wakeForNext(group, effects) {
    const duration = group.params.duration_seconds * 1_000;
    group.slot += 1;
    group.gen += 1;
    const at = group.startedAt + Math.floor((duration * group.slot) / SLICES);
    effects.push({ id: `g:${group.id}`, gen: group.gen, at });
  }

  report({ clientOrderId, connectorOrderId, execId, quantity, price, at, liquidity }, effects) {
    const { lib } = this;
    const group = this.keys.get(clientOrderId.slice(0, 12));
    const order = group?.orders.get(clientOrderId);
    if (order === undefined || order.executions.includes(execId)) throw new Error('not ours, or seen before');
    order.executions.push(execId);
    this.emit('ORDER_ACCEPTED', order.head, { clientOrderId, connectorOrderId });
    effects.push({ id: `o:${clientOrderId}` });
    const fixed = lib.toFixedPoint(quantity);
    const { lots } = lib.lotsOf(fixed, group.lot);
    const amount = fixed * lib.toFixedPoint(price);
    order.filled += lots;
    group.filled += lots;
    group.leaves -= lots;
    group.quantity += fixed;
    group.amount += amount;
    const { symbol, side } = group;
    this.emit('FILL', order.head, {
      fillId: this.ids.mint('FIL', this.now),
      connectorFillId: execId,
      symbol,
      side,
      quantity,
      price,
      executedAt: at,
      liquidity,
      clientOrderId,
    });
    this.bookPosition(group, fixed, amount);
    if (order.filled < order.lots) return;
    const filledQuantity = lib.fromFixedPoint(BigInt(order.filled) * group.lot);
    const ended = { clientOrderId, status: 'FILLED', filledQuantity };
    this.cause = this.emit('ORDER_ENDED', order.head, ended);
    if (group.filled >= group.target) this.settle(group, effects);
  }

  bookPosition(group, fixed, amount) {
    const row = this.positions.get(group.command.plan_id);
    if (group.side === row.side) {
      row.opened += fixed;
      row.openedAmount += amount;
    } else {
      row.closed += fixed;
      row.closedAmount += amount;
    }
    this.touch(row);
  }

  touch(row) {
    this.positions.delete(row.tradeId);
    this.positions.set(row.tradeId, row);
    if (this.positions.size > POSITIONS_MAX) this.positions.delete(this.positions.keys().next().value);
  }

  settle(group, effects) {
    const { lib } = this;
    const { batch, command, head } = group;
    const { command_id: commandId, plan_id: tradeId, scope } = command;
    const { directive_id: directiveId, strategy_planner_id: strategyId } = batch.directive;
    group.settled = true;
    effects.push({ id: `g:${group.id}` });
    const avgPrice = lib.averagePrice(group.amount, group.quantity);
    const filledQuantity = lib.fromSteps(group.filled, group.instrument.lotSize);
    const end = { status: 'COMPLETED', reason: 'target_reached' };
    const settled = this.emit('GROUP_SETTLED', head, { ...end, filledQuantity, avgPrice, success: true });
    const traded = lib.fromFixedPoint(group.quantity);
    this.emit('TRADE_OPENED', head, { commandId, tradeId, filledQuantity: traded, avgPrice });
    this.emit('TRADE_EXECUTED', head, {
      commandId,
      directiveId,
      strategyId,
      scope,
      fillPrice: avgPrice,
      orderIds: group.orderIds,
      status: 'COMPLETED',
    });
    const reason = 'Execution completed successfully';
    this.emit('_flow_stop_success', head, { flowId: commandId, reason });
    const durationMs = this.now - group.startedAt;
    const flow = { flowId: commandId, outcome: 'SUCCESS', durationMs };
    this.emit('FLOW_TERMINATED', head, flow);
    batch.open -= 1;
    if (batch.open === 0) this.settleBatch(batch, settled, effects);
  }

  settleBatch(batch, cause, effects) {
    const { lib } = this;
    this.cause = cause;
    effects.push({ id: `b:${batch.id}:timeout` });
    const end = { status: 'COMPLETED', reason: 'target_reached' };
    const legs = batch.legs.map((group) => ({
      groupId: group.id,
      symbol: group.symbol,
      status: 'COMPLETED',
      reason: 'target_reached',
      targetQuantity: lib.fromSteps(group.target, group.instrument.lotSize),
      filledQuantity: lib.fromFixedPoint(group.quantity),
      success: true,
    }));
    this.emit('BATCH_SETTLED', batch.head, { ...end, legs, residuals: [], kept: [], dust: [] });
    this.openBatches -= 1;
    this.settledBatches.push(batch);
    this.settledGroups += batch.legs.length;
    while (this.settledGroups > HISTORY_GROUPS && this.settledBatches.length > 1) this.forgetOldest();
  }

  forgetOldest() {
    const { legs } = this.settledBatches.shift();
    this.settledGroups -= legs.length;
    for (const { id, key } of legs) {
      this.groups.delete(id);
      this.keys.delete(key);
    }
  }
}

/** Runs the batches through the floor until all have settled. */
export function runFloor(lib, { journal, batches }) {
  const floor = new Floor(lib, { journal, clock: new lib.SimulatedClock(START) });
  for (const { directive, commands } of batches) floor.submit(directive, commands);
  floor.drain();
  while (floor.openBatches > 0) {
    if (!floor.clock.runNext()) throw new Error('a batch is open, and nothing is due any more');
    floor.drain();
  }
  return floor;
}
