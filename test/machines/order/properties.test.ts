/** What holds of every history: O1 to O4 of state.ts. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeOrder,
  encodeOrder,
  isOpen,
  isTerminal,
  isUnknown,
  type OrderMessage,
  type OrderState,
  stepOrder,
} from '../../../src/machines/order/index.js';
import { MESSAGES } from './messages.js';
import { ack, given, bust, continued, correct, fill, noAnswer, place } from './orders.js';

const history = fc.array(fc.constantFrom(...MESSAGES), { minLength: 1, maxLength: 30 });

/** A fill and what became of it: corrected sizes in turn, then perhaps a bust. */
const execution = fc.record({
  qty: fc.integer({ min: 1, max: 50 }),
  corrections: fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 3 }),
  busted: fc.boolean(),
});
type Execution = typeof execution extends fc.Arbitrary<infer T> ? T : never;

/** The reports of an execution as FIX chains them: each names the one before it. */
function reportsOf({ qty, corrections, busted }: Execution, n: number): OrderMessage[] {
  const ids = [qty, ...corrections].map((_, version) => `${n}-${version}`);
  return [
    fill(qty, ids[0]!),
    ...corrections.map((size, at) => correct(ids[at + 1]!, ids[at]!, size)),
    ...(busted ? [bust(`${n}-bust`, ids.at(-1)!)] : []),
  ];
}

const sizeOf = ({ qty, corrections, busted }: Execution): number =>
  busted ? 0 : (corrections.at(-1) ?? qty);
const total = (executions: readonly Execution[]): number =>
  executions.reduce((sum, one) => sum + sizeOf(one), 0);

describe('every order', () => {
  test('has filled what its executions, busts and corrections add up to, in whatever order they come', () => {
    const delivery = fc.array(execution, { maxLength: 8 }).chain((executions) =>
      fc.tuple(
        fc.constant(executions),
        fc.shuffledSubarray(executions.flatMap(reportsOf), {
          minLength: executions.flatMap(reportsOf).length,
        }),
        fc.shuffledSubarray(executions.flatMap(reportsOf)),
      ),
    );
    fc.assert(
      fc.property(delivery, ([executions, messages, repeated]) => {
        const start = given(place(120), ack);
        const order = continued(start, ...messages);
        const inTurn = continued(start, ...executions.flatMap(reportsOf));
        expect(order.cumQty).toBe(total(executions));
        expect(continued(order, ...repeated)).toBe(order);
        expect([order.ordStatus, order.leavesQty]).toEqual([inTurn.ordStatus, inTurn.leavesQty]);
        expect(order.leavesQty).toBe(Math.max(0, 120 - total(executions)));
      }),
      { numRuns: 300 },
    );
  });

  test('is exactly one of open, unknown and terminal, with quantities that add up while it is open', () => {
    fc.assert(
      fc.property(history, (messages) => {
        let order: OrderState | undefined;
        for (const message of messages) {
          order = stepOrder(order, message);
          expect([isOpen(order), isUnknown(order), isTerminal(order)].filter(Boolean)).toHaveLength(1);
          expect(Math.min(order.cumQty, order.leavesQty, order.missingQty)).toBeGreaterThanOrEqual(0);
          if (isTerminal(order)) expect(order.leavesQty).toBe(0);
          if (!isOpen(order) || order.orderQty === null || order.doneForDay) continue;
          const filled = order.cumQty + order.missingQty;
          expect(order.leavesQty).toBe(Math.max(order.orderQty, filled) - filled);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is unknown or as before after no answer, never ended by it', () => {
    fc.assert(
      fc.property(history, (messages) => {
        const order = given(...messages);
        const next = stepOrder(order, noAnswer);
        expect([order.ordStatus, 'UNKNOWN']).toContain(next.ordStatus);
        expect(next.leavesQty).toBeGreaterThanOrEqual(order.leavesQty);
      }),
      { numRuns: 300 },
    );
  });

  test('never has leaves again once the venue canceled or expired it', () => {
    const isEnd = ({ msgType, execType }: OrderMessage): boolean =>
      msgType === '8' && (execType === 'CANCELED' || execType === 'EXPIRED');
    const placed = fc.tuple(history, fc.constantFrom(...MESSAGES.filter(isEnd)), history);
    fc.assert(
      fc.property(placed, ([before, end, behind]) => {
        let order = stepOrder(continued(given(place(2)), ...before), end);
        fc.pre(order.ordStatus !== 'REJECTED' && order.ordStatus !== 'PENDING_NEW');
        for (const message of behind) {
          order = stepOrder(order, message);
          expect([order.leavesQty, isTerminal(order)]).toEqual([0, true]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('takes no notice of the repetition of an execution, a verdict, a request or a question', () => {
    const repeatable = MESSAGES.filter(
      ({ msgType, execId }) => 'FGHTV'.includes(msgType) || (execId !== null && execId !== undefined),
    );
    fc.assert(
      fc.property(history, fc.constantFrom(...repeatable), (messages, message) => {
        const once = stepOrder(given(...messages), message);
        expect(stepOrder(once, message)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  test('is left as it was by every step, and goes on from JSON as from memory', () => {
    fc.assert(
      fc.property(history, history, (messages, more) => {
        const order = given(...messages);
        const written = JSON.stringify(encodeOrder(order));
        const next = continued(order, ...more);
        expect(JSON.stringify(encodeOrder(order))).toBe(written);
        expect(JSON.stringify(encodeOrder(continued(order, ...more)))).toBe(
          JSON.stringify(encodeOrder(next)),
        );
        const copy = continued(decodeOrder(JSON.parse(written)), ...more);
        expect(JSON.stringify(encodeOrder(copy))).toBe(JSON.stringify(encodeOrder(next)));
      }),
      { numRuns: 300 },
    );
  });
});
