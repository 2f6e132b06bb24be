/** Whatever a host's strategy answers, the guard around it hands on a sound decision or a fault, and never throws. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cmp, toSteps } from '../../src/dtos/decimal.js';
import { toJson } from '../../src/dtos/parse.js';
import type { Decision, Progress, Strategy, StrategyContext } from '../../src/strategies/contract.js';
import { guarded } from '../../src/strategies/guarded.js';

const NOW = Date.UTC(2025, 0, 6, 9, 0, 0);
const instrument = {
  ...{ symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT' },
  ...{ tickSize: '0.5', lotSize: '0.1', minNotional: '5' },
};
const view = { bid: '100', ask: '100', last: '100', at: NOW };

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', '0', '-1', 'NaN', '1e9', true, {}, [], NOW, NOW + 1),
  fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 0.5, 1, 5, 11, 2 ** 53),
  fc.anything({ maxDepth: 2 }),
);
/** A sound value most of the time: answers that are wrong in one place only get past the first check. */
const mostly = <T>(...sound: T[]) =>
  fc.oneof({ weight: 40, arbitrary: fc.constantFrom<unknown>(...sound) }, { weight: 1, arbitrary: odd });

const order = fc.record({
  quantity: mostly(1, 1, 2, 3, 11),
  orderType: mostly('LIMIT', 'LIMIT', 'LIMIT', 'MARKET'),
  timeInForce: mostly('GTC', 'IOC', 'FOK', 'DAY'),
  price: mostly('99.5', '100', '100', '101', '101.5', '100.2'),
  stopPrice: mostly(null, null, null, '99'),
  postOnly: mostly(false, true),
  reduceOnly: mostly(false),
});
const answer = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      state: mostly<unknown>({ n: 1 }, null),
      orders: fc.oneof(
        { weight: 30, arbitrary: fc.array(order, { maxLength: 3 }) },
        { weight: 1, arbitrary: odd },
      ),
      wakeAt: mostly<unknown>(null, NOW + 1, NOW + 1000, NOW),
      exhausted: mostly(false, true),
      deferred: mostly(false),
    }),
  },
  { weight: 1, arbitrary: odd },
);
const progress = fc.record({
  ...{ cap: fc.constantFrom(5, 10), limitPrice: fc.constantFrom(null, '100') },
  ...{ filled: fc.nat(3), leaves: fc.nat(2), unknown: fc.nat(1), live: fc.nat(2) },
});

const answering = (given: unknown): Strategy<unknown, unknown> =>
  guarded({
    name: 'ODD',
    asksOnOrderEnd: true,
    duration: () => given as number,
    check() {},
    initial: () => given,
    decide: () => given as Decision<unknown>,
    schedule: () => given as never,
  });

const contextOf = (side: 'BUY' | 'SELL'): StrategyContext<unknown> => ({
  ...{ params: {}, instrument, side, target: 10, maxSlippage: '0.01', startedAt: NOW, endsAt: null },
});

/** What is wrong with a decision that the guard let pass. */
function wrong(
  decision: Decision<unknown>,
  { cap, filled, leaves, unknown, limitPrice }: Progress,
  side: string,
) {
  const found: string[] = [];
  const total = decision.orders.reduce((sum, { quantity }) => sum + quantity, 0);
  if (total > Math.max(0, cap - filled - leaves - unknown)) found.push('beyond the room');
  for (const { quantity, price } of decision.orders) {
    if (!Number.isSafeInteger(quantity) || quantity <= 0) found.push(`${quantity} lots`);
    toSteps(price, instrument.tickSize, 'EXACT');
    const bound = limitPrice ?? (side === 'BUY' ? '101' : '99');
    if (side === 'BUY' ? cmp(price, bound) > 0 : cmp(price, bound) < 0) found.push(`${price} past ${bound}`);
  }
  if (decision.wakeAt !== null && !(decision.wakeAt > NOW)) found.push(`wakes at ${decision.wakeAt}`);
  toJson(decision.state);
  return found;
}

describe('the guard', () => {
  test('lets only sound decisions pass', () => {
    const seen = { sound: 0, placing: 0, faults: 0 };
    fc.assert(
      fc.property(answer, progress, fc.constantFrom('BUY' as const, 'SELL' as const), (given, at, side) => {
        const decision = answering(given).decide(contextOf(side), { n: 0 }, at, view, NOW, 'WAKE');
        if (decision.fault !== undefined) {
          seen.faults += 1;
          expect([decision.orders, decision.state]).toEqual([[], { n: 0 }]);
          return;
        }
        seen.sound += 1;
        if (decision.orders.length > 0) seen.placing += 1;
        expect(wrong(decision, at, side)).toEqual([]);
      }),
      { numRuns: 2000, seed: 36 },
    );
    expect(Math.min(seen.sound, seen.placing, seen.faults)).toBeGreaterThan(50);
  });

  test('begins with a state that JSON can hold, or faults at the first question', () => {
    fc.assert(
      fc.property(odd, (given) => {
        const strategy = answering(given);
        const state = strategy.initial(contextOf('BUY'));
        toJson(state);
        const ms = strategy.duration({});
        expect(ms === null || (Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
      }),
      { numRuns: 1000, seed: 36 },
    );
  });

  test('tells who it is and what it wants to be asked on, whatever it was made of', () => {
    const plain = answering(null);
    expect([plain.name, plain.asksOnOrderEnd, plain.asksOnFill]).toEqual(['ODD', true, false]);
  });
});
