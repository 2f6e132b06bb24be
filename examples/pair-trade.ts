/**
 * Embeds the runtime: a pair trade of two TWAP legs, both or neither, on a market that is made up.
 *
 * Shows how a host composes clock, market, venue and runtime, submits a directive with its commands, waits for the
 * result, and asks of a fill what caused it. With a live connector the clock and the replay go, and nothing else changes.
 */
import {
  coordinated,
  createRuntime,
  createSimulatedVenue,
  type EventOf,
  namedLegs,
  openMarket,
  Replay,
  SimulatedClock,
  seededIds,
  twap,
} from 'fillwright';

const start = '2025-01-06T09:00:00Z';
const instruments = {
  'BTC/USDT': { tick_size: '0.01', lot_size: '0.00001', min_notional: '5' },
  'ETH/USDT': { tick_size: '0.01', lot_size: '0.0001', min_notional: '5' },
};

// The surroundings: simulated time, a seeded market, a venue with latency and fees.
const market = openMarket(
  {
    source: 'synthetic',
    seed: 11,
    symbols: { 'BTC/USDT': '60000', 'ETH/USDT': '2500' },
    start,
    duration_seconds: 300,
  },
  '.',
  instruments,
);
const clock = new SimulatedClock(market.startsAt);
const venue = createSimulatedVenue({
  clock,
  instruments,
  venue: { latency_ms: 20, fees_bps: { maker: '1', taker: '4' }, allow_short: true },
});
const replay = new Replay({ clock, source: market, venue });

// The runtime. Fixed ids make this example print the same every time; leave `ids` out for random ones.
const runtime = await createRuntime({
  connectors: { simulated: venue },
  clock,
  ids: seededIds('pair-trade'),
});
const fills: EventOf<'FILL'>[] = [];
runtime.events$.subscribe((event) => {
  if (event.type === 'FILL') fills.push(event);
});

// The decision: buy BTC and sell ETH, each in six slices over a minute; all of it within three minutes or none.
const trade = coordinated(
  {
    btc: twap({ symbol: 'BTC/USDT', side: 'BUY', quantity: '0.5', over: '1m', slices: 6 }),
    eth: twap({ symbol: 'ETH/USDT', side: 'SELL', quantity: '12', over: '1m', slices: 6 }),
  },
  {
    at: start,
    seed: 'pair-trade',
    timeout: '3m',
    planner: 'mean-reversion',
    rationale: 'BTC is cheap against ETH',
  },
);

replay.step(); // the market shows itself
const batch = await runtime.submit(trade.directive, trade.commands);
while (runtime.openBatches > 0 && replay.step()) await runtime.settle();

const result = await batch.result();
const legs = namedLegs(trade, result);
console.log(`${batch.id} ${result.status}: ${result.reason}`);
for (const [name, leg] of Object.entries(legs ?? {})) {
  console.log(`  ${name}  ${leg.symbol}  ${leg.status}  ${leg.filledQuantity} of ${leg.targetQuantity}`);
}
console.log(`residuals: ${result.residuals.length}, fills: ${fills.length}`);

const last = fills.at(-1);
if (last === undefined) throw new Error('the batch completed without a fill');
const causes = runtime.causes(last.fillId);
console.log(`why ${last.side} ${last.quantity} ${last.symbol} at ${last.price}?`);
console.log(`  fill       ${causes.fillId}`);
console.log(`  order      ${causes.orderId} (${causes.clientOrderId} at the venue)`);
console.log(`  group      ${causes.groupId}`);
console.log(`  batch      ${causes.batchId}`);
console.log(`  command    ${causes.commandId}`);
console.log(`  directive  ${causes.directiveId} of ${causes.strategyId}`);
console.log(`  origin     ${causes.origin.type} ${causes.origin.id}`);

await runtime.close();
