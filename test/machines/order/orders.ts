/** Short words for the messages of the order tests. */
import { expect, test } from '@jest/globals';
import {
  type EncodedOrder,
  encodeOrder,
  type OrderMessage,
  type OrderState,
  stepOrder,
} from '../../../src/machines/order/index.js';

type More = Partial<OrderMessage>;
export type Shape = readonly [status: string, orderQty: number | null, cumQty: number, leavesQty: number];

export const place = (orderQty: number | null, more: More = {}): OrderMessage => ({
  msgType: 'D',
  clOrdId: 'X',
  orderQty,
  ...more,
});
export const askCancel = (clOrdId: string, origClOrdId: string): OrderMessage => ({
  msgType: 'F',
  clOrdId,
  origClOrdId,
});
export const askReplace = (clOrdId: string, origClOrdId: string, orderQty: number): OrderMessage => ({
  msgType: 'G',
  clOrdId,
  origClOrdId,
  orderQty,
});
export const refuse = (
  clOrdId: string,
  origClOrdId: string,
  cxlRejReason: string | null = null,
): OrderMessage => ({
  msgType: '9',
  clOrdId,
  origClOrdId,
  cxlRejReason,
});

export const report = (execType: string, more: More = {}): OrderMessage => ({
  msgType: '8',
  clOrdId: 'X',
  execType,
  ...more,
});
export const onRequest = (
  execType: string,
  clOrdId: string,
  origClOrdId: string,
  more: More = {},
): OrderMessage => report(execType, { clOrdId, origClOrdId, ...more });
export const fill = (lastQty: number, execId: string, more: More = {}): OrderMessage =>
  report('Trade', { lastQty, execId, ...more });
export const bust = (execId: string, execRefId: string): OrderMessage =>
  report('Trade Cancel', { execId, execRefId });
export const correct = (execId: string, execRefId: string, lastQty: number | null): OrderMessage =>
  report('Trade Correct', { execId, execRefId, lastQty });
export const noAnswer: OrderMessage = { msgType: 'T', clOrdId: 'X' };
export const verdict = (ordStatus: string, cumQty: number | null = null): OrderMessage => ({
  msgType: 'V',
  clOrdId: 'X',
  ordStatus,
  cumQty,
});
export const ack = report('New');

/** Messages in turn. Tests name an order by its history, so that nothing is stepped before a test runs. */
export type History = readonly OrderMessage[];
export const history = (...parts: readonly (OrderMessage | History)[]): History => parts.flat();

/** What many tests begin from: the order X of 100 lots, and what can have become of it. */
export const placed = history(place(100));
export const working = history(placed, ack);
export const unsure = history(working, noAnswer);
export const cash = history(place(null), ack);
export const rejected = history(placed, report('Rejected'));
export const canceled = history(working, report('Canceled'));
export const absent = history(placed, noAnswer, verdict('REJECTED', 0));
export const gone = history(placed, noAnswer, verdict('CANCELED', 0));
/** 10 of 100 filled, and 30 more by a verdict's word. */
export const missing = history(working, fill(10, 'a'), noAnswer, verdict('PARTIALLY_FILLED', 40));

/** The order after these messages. */
export function given(...parts: readonly (OrderMessage | History)[]): OrderState {
  const order = history(...parts).reduce<OrderState | undefined>(stepOrder, undefined);
  if (order === undefined) throw new Error('no messages');
  return order;
}

export const continued = (order: OrderState, ...messages: readonly OrderMessage[]): OrderState =>
  messages.reduce<OrderState>(stepOrder, order);

export const shape = ({ ordStatus, orderQty, cumQty, leavesQty }: OrderState): Shape => [
  ordStatus,
  orderQty,
  cumQty,
  leavesQty,
];

/** What a message changes, each field with its new value: nothing exactly when the same object comes back (O3). */
export function effect(past: History, message: OrderMessage): Partial<EncodedOrder> {
  const order = given(past);
  const next = stepOrder(order, message);
  const before = new Map<string, unknown>(Object.entries(encodeOrder(order)));
  const changed = Object.entries(encodeOrder(next)).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before.get(field)),
  );
  if (changed.length === 0 && next !== order) throw new Error('another object without a change');
  return Object.fromEntries(changed);
}

/** A test a row: after this history the message changes exactly these fields. */
export function checkEffects(
  rows: readonly (readonly [title: string, past: History, message: OrderMessage, changes: object])[],
): void {
  test.each(rows)('%s', (_, past, message, changes) => {
    expect(effect(past, message)).toEqual(changes);
  });
}

/** The shape after each message in turn. */
export function course(...messages: readonly OrderMessage[]): Shape[] {
  const shapes: Shape[] = [];
  messages.reduce<OrderState | undefined>((order, message) => {
    const next = stepOrder(order, message);
    shapes.push(shape(next));
    return next;
  }, undefined);
  return shapes;
}
