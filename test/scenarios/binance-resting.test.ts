/** ICEBERG and LAYERED on the recorded BTC/USDT book: what shows and what is open, at the venue, after every step. */
import { describe, expect } from '@jest/globals';
import {
  createRuntime,
  createSimulatedVenue,
  openMarket,
  Replay,
  type RuntimeEvent,
  SimulatedClock,
  seededIds,
  type VenueTruth,
} from '../../src/index.js';
import { binance, entry, INSTRUMENTS, opening } from './support.js';

const { testOn, market, btc } = binance(['20240808', '20240809']);
const SYMBOL = 'BTC/USDT';
const LOTS = 100_000;
const lots = (quantity: string): number => Math.round(Number(quantity) * LOTS);

type Place = Extract<RuntimeEvent, { type: 'ORDER_INTENT' }>;

interface Worked {
  readonly status: string;
  readonly truth: VenueTruth;
  readonly places: readonly Place[];
  /** Looks at the venue. */
  readonly looks: number;
}

interface Work {
  readonly side: 'BUY' | 'SELL';
  readonly size: string;
  readonly limit: string;
  readonly params: object;
  readonly venue?: object;
}

/** Works one leg through the recording; `look` sees the venue after every step that changed an order of ours. */
async function work(leg: Work, look: (truth: VenueTruth) => void): Promise<Worked> {
  const source = openMarket(
    { ...market, files: btc, symbols: { btcusdt: SYMBOL } } as never,
    '.',
    INSTRUMENTS,
  );
  const clock = new SimulatedClock(source.startsAt);
  const config = { latency_ms: 20, allow_short: true, ...leg.venue };
  const simulated = createSimulatedVenue({ clock, instruments: INSTRUMENTS, venue: config });
  let changes = 0;
  simulated.reports$.subscribe(() => {
    changes += 1;
  });
  const replay = new Replay({ clock, source, venue: simulated });
  const connectors = { simulated };
  const runtime = await createRuntime({ connectors, marketData: simulated, clock, ids: seededIds('rests') });
  const places: Place[] = [];
  runtime.events$.subscribe((event) => {
    if (event.type === 'ORDER_INTENT') places.push(event);
  });
  while (simulated.view(SYMBOL)?.bid == null) replay.step();
  const { directive, commands = [] } = entry({ n: 1, commands: [opening({ n: 1, symbol: SYMBOL, ...leg })] });
  const batch = await runtime.submit(directive as never, commands as never);
  let looks = 0;
  const step = async (): Promise<boolean> => {
    const before = changes;
    const isMoving = runtime.openBatches > 0 && replay.step();
    await runtime.settle();
    if (changes !== before) {
      looks += 1;
      look(simulated.truth());
    }
    return isMoving;
  };
  while (!replay.ended && (await step()));
  if (runtime.openBatches > 0) await batch.cancel('the recording is over');
  while (await step());
  const { status } = await batch.result();
  await runtime.close();
  return { status, truth: simulated.truth(), places, looks };
}

const print = (line: string): void => {
  process.stdout.write(`Binance: ${line}\n`);
};

describe('an ICEBERG', () => {
  const SIZE = '1000';
  const params = { strategy: 'ICEBERG', display_quantity: '10' };
  const DISPLAY = lots('10');
  /** Near the low of the recording, and more than the book holds there: tips are left half filled. */
  const leg = { side: 'BUY', size: SIZE, limit: '61570', params } as const;

  /** The most that showed, and the most orders that were open, at any look. */
  function most() {
    const seen = { shown: 0, open: 0 };
    const see = ({ orders }: VenueTruth): void => {
      const live = orders.filter(({ isOpen }) => isOpen);
      const shown = live.reduce((sum, order) => sum + lots(order.shown), 0);
      seen.shown = Math.max(seen.shown, shown);
      seen.open = Math.max(seen.open, live.length);
    };
    return { seen, see };
  }

  testOn.each([
    ['each tip is gone', '1', '0'],
    ['half of each tip is gone', '0.5', '0'],
    ['half of a tip that varies by a third is gone', '0.5', '0.33'],
  ])('refreshes exactly once when %s', async (_, threshold, variance) => {
    const { seen, see } = most();
    const more = { refresh_threshold: threshold, display_variance_pct: variance, native: 'NEVER', seed: 3 };
    const { status, truth, places, looks } = await work({ ...leg, params: { ...params, ...more } }, see);
    const { orders } = truth;
    const canceled = orders.filter((order) => order.status === 'CANCELED');
    print(
      `ICEBERG of ${SIZE}, refreshed at ${threshold}, variance ${variance}: ${status}, ${orders.length} tips, ` +
        `${canceled.length} canceled at the threshold; at most ${seen.shown / LOTS} of 10 shown and ` +
        `${seen.open} open at ${looks} looks`,
    );
    expect(seen.shown).toBeLessThanOrEqual(DISPLAY);
    expect([seen.open, places.length]).toEqual([1, orders.length]);
    // A tip ends once it has reached its threshold, by its last fill or by the one cancel that asks for the next.
    for (const [k, { quantity, cumQty, status: ended }] of orders.entries()) {
      expect(lots(quantity)).toBeLessThanOrEqual(DISPLAY);
      if (k === orders.length - 1) continue;
      expect(lots(quantity)).toBeGreaterThanOrEqual(Math.floor(DISPLAY * (1 - Number(variance))));
      expect(['FILLED', 'CANCELED']).toContain(ended);
      expect(lots(cumQty)).toBeGreaterThanOrEqual(Math.ceil(lots(quantity) * Number(threshold)));
    }
    expect(canceled.length > 1).toBe(threshold !== '1');
    expect(orders.length).toBeGreaterThan(99);
  });

  testOn.each([
    ['SELL', '61860.79', '1', '0.1'],
    ['SELL', '61860.8', '5', '0.05'],
    ['BUY', '61556.05', '0.1', '0.001'],
  ] as const)(
    'that the venue hides, %s at %s, renews its tip when it is gone and not before',
    async (side, limit, size, display_quantity) => {
      const { seen, see } = most();
      const display = lots(display_quantity);
      let [filled, renewed] = [0, 0];
      const own = { ...params, display_quantity };
      const hidden = { side, limit, size, params: own, venue: { native_iceberg: true } };
      const { truth, places, looks } = await work(hidden, (now) => {
        see(now);
        const [order] = now.orders;
        if (order?.isOpen !== true) return;
        renewed += Math.floor(lots(order.cumQty) / display) - Math.floor(filled / display);
        filled = lots(order.cumQty);
        expect(lots(order.shown)).toBe(Math.min(lots(size) - filled, display - (filled % display)));
      });
      print(
        `ICEBERG ${side} of ${size} hidden by the venue: ${truth.orders[0]?.cumQty} filled by ${truth.fills.length} ` +
          `fills, at most ${seen.shown / LOTS} of ${display_quantity} shown, ${renewed} renewals seen at ${looks} looks`,
      );
      expect([seen.shown, seen.open, places.length, truth.orders.length]).toEqual([display, 1, 1, 1]);
      expect(truth.fills.length).toBeGreaterThan(0);
    },
  );
});

describe('a LAYERED', () => {
  testOn.each([
    ['as each ends', true],
    ['when all have ended', false],
  ])('has at most max_open orders open, and opens the next %s', async (_, replenish) => {
    const range = { price_range: { min: '61560', max: '61840' } };
    const params = { strategy: 'LAYERED', levels: 15, max_open: 4, replenish, ...range };
    let [most, full] = [0, 0];
    const { status, truth, looks } = await work({ side: 'BUY', size: '3', limit: '61840', params }, (now) => {
      const open = now.orders.filter(({ isOpen }) => isOpen).length;
      if (open > 4) throw new Error(`${open} orders are open`);
      if (open === 4) full += 1;
      most = Math.max(most, open);
    });
    print(
      `LAYERED of 15 levels, max_open 4, ${replenish ? 'replenished' : 'by fours'}: at most ${most} open at ` +
        `${looks} looks, ${truth.orders.length} orders, ${status}`,
    );
    expect(most).toBe(4);
    expect(full).toBeGreaterThan(1);
    expect(truth.orders.length).toBeGreaterThan(8);
    expect(new Set(truth.orders.map(({ clientOrderId }) => clientOrderId)).size).toBe(truth.orders.length);
  });
});
