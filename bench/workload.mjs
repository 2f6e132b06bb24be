/**
 * The work that every figure measures: INDEPENDENT batches of ten-slice TWAPs, and the loop that carries them out.
 *
 * Owns the directives, their sizes and prices, and how simulated time moves: only while the runtime is idle, as
 * src/runtime/simulation.ts does it. Measures nothing.
 */

export const SLICES = 10;
export const VENUE = 'BENCH';
export const PRICE = '61671.55';
/** Monday 2025-01-06 09:00:00 UTC. */
export const START = 1_736_154_000_000;
const SYMBOLS = 10;
const DURATION_SECONDS = 600;
const LOT = '0.00001';

const instrumentOf = (symbol) => ({
  symbol,
  tickSize: '0.01',
  lotSize: LOT,
  minNotional: '5',
  base: symbol.split('/')[0],
  quote: 'USDT',
});

/** What the venue lists, by symbol. */
export const INSTRUMENTS = Object.fromEntries(
  Array.from({ length: SYMBOLS }, (_, i) => [`C${i}/USDT`, instrumentOf(`C${i}/USDT`)]),
);

/** The n-th leg's size, in lots: seldom a multiple of ten, so that slices carry spare lots. */
export const lotsOf = (n) => 1_000 + ((n * 37) % 997);

/** Mints the ids of directives and commands, each once for as long as it lives. */
export const createIds = (lib, seed) => new lib.IdMinter(seed);

function commandOf(lib, ids, n) {
  return {
    command_id: ids.mint('EXE', START),
    causality: { origin: { id: `tick-${n}`, type: 'TICK' } },
    scope: 'NEW_TRADE',
    plan_id: ids.mint('TPL', START),
    entry_plan: {
      plan_id: ids.mint('ENT', START),
      symbol: `C${n % SYMBOLS}/USDT`,
      direction: n % 3 === 0 ? 'SELL' : 'BUY',
      order_type: 'MARKET',
    },
    size_plan: { plan_id: ids.mint('SIZ', START), position_size: lib.fromSteps(lotsOf(n), LOT) },
    routing_plan: {
      plan_id: ids.mint('ROU', START),
      execution_urgency: '0.5',
      visibility_preference: '0.5',
      max_slippage_pct: '0.005',
      strategy_params: { strategy: 'TWAP', duration_seconds: DURATION_SECONDS, slices: SLICES },
    },
  };
}

/** One directive and its commands, as a host would hand them in. */
export function createBatch(lib, ids, legs) {
  const directive = {
    directive_id: ids.mint('STR', START),
    strategy_planner_id: 'bench',
    decision_timestamp: '2025-01-06T09:00:00Z',
    causality: { origin: { id: 'tick-0', type: 'TICK' } },
    scope: 'NEW_TRADE',
    confidence: '0.8',
    execution_policy: { mode: 'INDEPENDENT', timeout_seconds: 3600 },
  };
  return { directive, commands: Array.from({ length: legs }, (_, n) => commandOf(lib, ids, n)) };
}

export function createBatches(lib, { batches, legs, seed = 'bench' }) {
  const ids = createIds(lib, seed);
  return Array.from({ length: batches }, () => createBatch(lib, ids, legs));
}

/** A runtime over the instant venue (or another connector), on simulated time. */
export async function openRuntime(lib, { journal, venue, host }) {
  const clock = new lib.SimulatedClock(START);
  const now = () => clock.now();
  const connector =
    venue === undefined
      ? lib.createInstantVenue({ name: VENUE, instruments: INSTRUMENTS, price: PRICE, now })
      : venue(now);
  const runtime = await lib.createRuntime({
    connectors: { [VENUE]: connector },
    marketData: connector,
    journal,
    clock,
    ids: lib.seededIds('bench'),
    ...(host === undefined ? {} : { host }),
  });
  await runtime.settle();
  return { runtime, clock, connector };
}

/** Submits all batches at once; their schedules run in phase. */
export async function submitAll(runtime, batches) {
  await Promise.all(batches.map(({ directive, commands }) => runtime.submit(directive, commands)));
  await runtime.settle();
}

/** Moves time until every batch has settled, or until `stop` says so. */
export async function drive({ runtime, clock }, stop = () => false) {
  while (runtime.openBatches > 0 && !stop()) {
    if (!clock.runNext()) throw new Error('a batch is open, and nothing is due any more');
    if (!runtime.idle) await runtime.settle();
  }
}
