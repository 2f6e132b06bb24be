/**
 * What one decision of each planner costs, by itself.
 *
 * Owns the loop that asks as a group does, with a venue that fills one order after the other. A decision's share of
 * the plan that the first one makes is in the figure, and so is the loop.
 */
import { median, rounded, timedBoth } from './statistics.mjs';
import { LEGS, planned } from './strategies.mjs';
import { INSTRUMENTS, lotsOf, PRICE, START } from './workload.mjs';

const DECISIONS_MAX = 1_000;
const SECONDS_MAX = 3_600;
const LOTS_PER_SECOND = 1_000;
const LOTS_PER_UNIT = 100_000;

/** Others trade evenly. Made before anything is timed. */
const VIEWS = Array.from({ length: SECONDS_MAX }, (_, second) => ({
  ...{ bid: PRICE, ask: PRICE, last: PRICE, at: START + second * 1_000 },
  volume: String((second * LOTS_PER_SECOND) / LOTS_PER_UNIT),
}));
const viewAt = (now) => VIEWS[Math.floor((now - START) / 1_000)];

/** One group from its start until it is filled or done; the number of its decisions. */
function work(strategy, context, seesSlots) {
  let state = strategy.initial(context);
  let [filled, leaves, now, ask, decisions] = [0, 0, START, 'START', 0];
  const live = [];
  const slots = [];
  const { target } = context;
  while (decisions < DECISIONS_MAX) {
    const progress = { cap: target, limitPrice: null, filled, leaves, unknown: 0, live: live.length };
    if (seesSlots) progress.slots = slots;
    const decision = strategy.decide(context, state, progress, viewAt(now), now, ask);
    decisions += 1;
    state = decision.state;
    for (const { quantity } of decision.orders) {
      const slot = { slot: slots.length, quantity, filled: 0, isLive: true };
      slots.push(slot);
      live.push(slot);
      leaves += quantity;
    }
    const next = live.shift();
    if (next !== undefined) {
      next.filled = next.quantity;
      next.isLive = false;
      leaves -= next.quantity;
      filled += next.quantity;
    }
    if (filled === target || decision.done === true) return decisions;
    if (next !== undefined && strategy.asksOnOrderEnd === true && !decision.exhausted) ask = 'ORDER_ENDED';
    else if (decision.wakeAt !== null) [ask, now] = ['WAKE', decision.wakeAt];
    else if (live.length === 0) break;
  }
  throw new Error(`${strategy.name} ended at ${filled} of ${target} lots`);
}

/** Microseconds per decision of one strategy, over `groups` groups. */
async function costOf(lib, name, { groups, rounds }) {
  const strategy = lib.STRATEGIES.get(name);
  const params = planned(lib, name);
  const contexts = Array.from({ length: groups }, (_, n) => ({
    ...{ params, instrument: INSTRUMENTS['C0/USDT'], side: 'BUY', target: lotsOf(n), maxSlippage: '0.005' },
    ...{ startedAt: START, endsAt: null, startVolume: '0' },
  }));
  const times = [];
  const cpuTimes = [];
  let decisions = 0;
  for (let round = 0; round <= rounds; round++) {
    decisions = 0;
    const { ms, cpuMs } = await timedBoth(() => {
      for (const context of contexts) decisions += work(strategy, context, strategy.seesSlots === true);
    });
    if (round === 0) continue;
    times.push((ms * 1_000) / decisions);
    cpuTimes.push((cpuMs * 1_000) / decisions);
  }
  return {
    ...{ strategy: name, groups, decisions, rounds },
    us_per_decision: rounded(median(times), 3),
    cpu_us_per_decision: rounded(median(cpuTimes), 3),
  };
}

/** One row per strategy. */
export async function runPlanner(lib, sizes) {
  const rows = [];
  for (const name of Object.keys(LEGS)) rows.push(await costOf(lib, name, sizes));
  return rows;
}
