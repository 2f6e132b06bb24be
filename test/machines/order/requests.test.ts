/** The ids of an order: its own, those asked for, those of the past; and how a report finds the request it answers. */
import { describe, expect, test } from '@jest/globals';
import type { OrderMessage, OrderRequest } from '../../../src/machines/order/index.js';
import {
  ack,
  askCancel,
  askReplace,
  history,
  effect,
  given,
  onRequest,
  place,
  refuse,
  report,
} from './orders.js';

const cancel = (clOrdId: string | null, pending = false): OrderRequest => ({
  clOrdId,
  kind: 'CANCEL',
  orderQty: null,
  pending,
});
const replace = (clOrdId: string | null, orderQty: number | null, pending = false): OrderRequest => ({
  clOrdId,
  kind: 'REPLACE',
  orderQty,
  pending,
});
const working = history(place(100), ack);
const telephoned = history(report('New', { clOrdId: null, orderQty: 100 }));
const asked = history(working, askCancel('Y', 'X'), askReplace('Z', 'X', 150));

describe('a request', () => {
  test.each<[string, OrderMessage, readonly OrderRequest[]]>([
    ['to cancel, whatever quantity it repeats', { ...askCancel('Y', 'X'), orderQty: 100 }, [cancel('Y')]],
    [
      'to cancel, even with a quantity that cannot be',
      { ...askCancel('Y', 'X'), orderQty: -1 },
      [cancel('Y')],
    ],
    ['to replace, with its quantity', askReplace('Y', 'X', 150), [replace('Y', 150)]],
    ['to replace the price alone', { msgType: 'G', clOrdId: 'Y' }, [replace('Y', null)]],
    ['without an id, under that of the order', { msgType: 'F' }, [cancel('X')]],
  ])('%s is noted', (_, message, requests) => {
    expect(effect(working, message)).toEqual({ requests });
  });

  test('to replace with a quantity that cannot be is refused', () => {
    expect(() => given(working, askReplace('Y', 'X', 1.5))).toThrow(
      expect.objectContaining({ code: 'VALIDATION', path: 'orderQty' }),
    );
  });

  test('is noted behind those before it', () => {
    expect(given(asked).requests).toEqual([cancel('Y'), replace('Z', 150)]);
    expect(effect(asked, askReplace('Y', 'X', 170))).toEqual({});
  });

  test('about a telephoned order has no id, and is noted once', () => {
    expect(effect(telephoned, { msgType: 'F' })).toEqual({ requests: [cancel(null)] });
    expect(effect(history(telephoned, { msgType: 'F' }), { msgType: 'G', orderQty: 5 })).toEqual({});
  });

  test('under the former id of the order is not noted', () => {
    const renamed = history(working, onRequest('Replaced', 'Y', 'X'));
    expect(given(renamed).pastIds).toEqual(['X']);
    expect(effect(renamed, askCancel('X', 'Y'))).toEqual({});
  });
});

describe('an acceptance', () => {
  test.each<[string, OrderMessage, object]>([
    [
      'of a request',
      onRequest('Replaced', 'Z', 'X'),
      { requests: [cancel('Y')], clOrdId: 'Z', pastIds: ['X'] },
    ],
    ['of one never seen', onRequest('Replaced', 'Q', 'X'), { clOrdId: 'Q', pastIds: ['X'] }],
    ['under the id of the order', report('Replaced'), {}],
    ['without an id', report('Replaced', { clOrdId: null }), {}],
  ])('%s changes the ids thus', (_, message, ids) => {
    const { requests, clOrdId, pastIds } = given(asked, message);
    expect({ requests, clOrdId, pastIds }).toEqual({
      ...{ requests: [cancel('Y'), replace('Z', 150)], clOrdId: 'X', pastIds: [] },
      ...ids,
    });
  });

  test('of a request under the order’s own id, or none, takes it away and keeps the ids', () => {
    const own = history(working, askCancel('X', 'X'));
    const end = { ordStatus: 'CANCELED', ended: 'CANCELED', leavesQty: 0, requests: [] };
    expect(effect(own, report('Canceled'))).toEqual(end);
    expect(effect(history(telephoned, { msgType: 'F' }), report('Canceled', { clOrdId: null }))).toEqual(end);
  });

  test('of a request about a telephoned order gives the order its first id', () => {
    expect(effect(telephoned, onRequest('Replaced', 'Y', '', { orderQty: 120 }))).toEqual({
      clOrdId: 'Y',
      orderQty: 120,
      leavesQty: 120,
    });
  });

  test('that names a former id of the order ends it under its present one', () => {
    const renamed = history(working, onRequest('Replaced', 'Y', 'X'));
    expect(effect(renamed, report('Canceled'))).toEqual({
      ordStatus: 'CANCELED',
      ended: 'CANCELED',
      leavesQty: 0,
    });
  });
});

describe('a refusal', () => {
  test.each<[string, OrderMessage, object]>([
    ['takes away the request it names', refuse('Z', 'X'), { requests: [cancel('Y')], pastIds: ['Z'] }],
    [
      'that names the order takes the oldest',
      refuse('X', 'X'),
      { requests: [replace('Z', 150)], pastIds: ['Y'] },
    ],
    [
      'that names nothing takes the oldest',
      { msgType: '9' },
      { requests: [replace('Z', 150)], pastIds: ['Y'] },
    ],
    ['of a request never seen is remembered', refuse('Q', 'X'), { pastIds: ['Q'] }],
  ])('%s', (_, message, changes) => {
    expect(effect(asked, message)).toEqual(changes);
  });

  test('that comes again changes nothing while other requests are under way', () => {
    expect(effect(history(asked, refuse('Q', 'X')), refuse('Q', 'X'))).toEqual({});
    expect(effect(history(asked, refuse('Z', 'X')), refuse('Z', 'X'))).toEqual({});
  });

  test('told as a rejection ends the request and not the order, also when it comes again', () => {
    const rejection = onRequest('Rejected', 'Z', 'X');
    expect(effect(asked, rejection)).toEqual({ requests: [cancel('Y')], pastIds: ['Z'] });
    expect(effect(history(asked, rejection), rejection)).toEqual({});
    const renamed = history(working, onRequest('Replaced', 'Y', 'X'));
    expect(effect(renamed, report('Rejected'))).toEqual({});
  });

  test('of nothing changes nothing: not under the order’s id, nor a former one, nor none', () => {
    const renamed = history(working, onRequest('Replaced', 'Y', 'X'));
    for (const id of ['Y', 'X', '']) expect(effect(renamed, refuse(id, 'X'))).toEqual({});
  });

  test('of a request under the order’s own id, or none, leaves no past id', () => {
    expect(effect(history(working, askCancel('X', 'X')), refuse('X', 'X'))).toEqual({ requests: [] });
    expect(effect(history(telephoned, { msgType: 'F' }), { msgType: '9' })).toEqual({ requests: [] });
  });
});

describe('a report about a request', () => {
  test('under the order’s own id is about a request where it names that id as the original or none', () => {
    for (const origClOrdId of ['X', null]) {
      const message = report('Pending Cancel', { origClOrdId });
      expect(effect(working, message)).toEqual({
        ordStatus: 'PENDING_CANCEL',
        requests: [cancel('X', true)],
      });
    }
  });

  test('under the order’s own id comes after its decision where it names another as the original', () => {
    expect(effect(working, onRequest('Pending Cancel', 'X', 'W'))).toEqual({});
    expect(effect(working, onRequest('Replaced', 'X', 'W', { orderQty: 200 }))).toEqual({});
  });

  test('that is under way counts though it bears the order’s id and names another as the original', () => {
    const own = history(working, askCancel('X', 'W'));
    const pending = { ordStatus: 'PENDING_CANCEL', requests: [cancel('X', true)] };
    expect(effect(own, onRequest('Pending Cancel', 'X', 'W'))).toEqual(pending);
  });

  test('of a telephoned order without an id counts, whatever it names as the original', () => {
    const message = report('Replaced', { clOrdId: null, origClOrdId: 'W', orderQty: 120 });
    expect(effect(telephoned, message)).toEqual({ orderQty: 120, leavesQty: 120 });
  });

  test.each<[string, OrderMessage, readonly OrderRequest[], string]>([
    [
      'makes it pending',
      onRequest('Pending Replace', 'Z', 'X'),
      [cancel('Y'), replace('Z', 150, true)],
      'PENDING_REPLACE',
    ],
    [
      'makes it what the report says it is',
      onRequest('Pending Replace', 'Y', 'X'),
      [replace('Y', null, true), replace('Z', 150)],
      'PENDING_REPLACE',
    ],
    [
      'never seen adds it',
      onRequest('Pending Cancel', 'Q', 'X'),
      [cancel('Y'), replace('Z', 150), cancel('Q', true)],
      'PENDING_CANCEL',
    ],
  ])('%s', (_, message, requests, ordStatus) => {
    expect(effect(asked, message)).toEqual({ ordStatus, requests });
  });

  test('that is pending as something else makes it that', () => {
    const pending = history(working, onRequest('Pending Cancel', 'Y', 'X'));
    expect(effect(pending, onRequest('Pending Cancel', 'Y', 'X'))).toEqual({});
    expect(effect(pending, onRequest('Pending Replace', 'Y', 'X'))).toEqual({
      ordStatus: 'PENDING_REPLACE',
      requests: [replace('Y', null, true)],
    });
  });
});
