/** What one decision of the TWAP planner costs, by itself. */
import { median, rounded, timed } from './statistics.mjs';
import { INSTRUMENTS, lotsOf, PRICE, SLICES, START } from './workload.mjs';

const MINUTE_MS = 60_000;

function schedule(lib, n) {
  const params = lib.TwapParamsSchema.parse({ strategy: 'TWAP', duration_seconds: 600, slices: SLICES });
  const context = {
    ...{ params, instrument: INSTRUMENTS['C0/USDT'], side: 'BUY', target: lotsOf(n), maxSlippage: '0.005' },
    ...{ startedAt: START, endsAt: START + SLICES * MINUTE_MS },
  };
  let state = lib.twap.initial(context);
  let filled = 0;
  return () => {
    for (let k = 0; k < SLICES; k++) {
      const now = START + k * MINUTE_MS;
      const view = { bid: PRICE, ask: PRICE, last: PRICE, at: now };
      const progress = { cap: context.target, limitPrice: null, filled, leaves: 0, unknown: 0, live: 0 };
      const decision = lib.twap.decide(context, state, progress, view, now, k === 0 ? 'START' : 'WAKE');
      state = decision.state;
      for (const order of decision.orders) filled += order.quantity;
    }
    if (filled !== context.target) throw new Error('the schedule missed its target');
  };
}

/** Microseconds per decision, over `schedules` schedules of ten slices. */
export async function runPlanner(lib, { schedules, rounds }) {
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const runs = Array.from({ length: schedules }, (_, n) => schedule(lib, n));
    const ms = await timed(() => {
      for (const run of runs) run();
    });
    if (round > 0) times.push((ms * 1_000) / (schedules * SLICES));
  }
  return { decisions: schedules * SLICES, rounds, us_per_decision: rounded(median(times), 3) };
}
