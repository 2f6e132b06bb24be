/** The model finds what it is there to find: each of these runtimes is defective on purpose, and caught. */
import { expect, test } from '@jest/globals';
import type { Effect } from '../../src/actors/fold.js';
import type { Host } from '../../src/actors/host.js';
import type { BatchIntent } from '../../src/machines/batch.js';
import type { Setup } from './case.js';
import { run } from './model.js';

const TWO: Setup = { targets: [2, 2], onLegFailure: 'UNWIND', attempts: 1, scope: 'LEAN' };

const caught = (setup: Partial<Setup>): string =>
  run({ ...TWO, ...setup })
    .violations.map(({ what }) => what)
    .join('\n');

test('an unwind sent twice as large flips the sign of its leg (I18)', () => {
  const tamper: Setup['tamper'] = (effect, group) => {
    if (effect.type !== 'PLACE' || group?.role !== 'UNWIND') return [effect];
    const quantity = String(2 * Number(effect.order.quantity));
    return [{ ...effect, order: { ...effect.order, quantity } }];
  };
  expect(caught({ tamper })).toContain('its sign may flip at the venue');
});

test('an order that leaves twice under two ids breaks the bound of the target (I5)', () => {
  const tamper = (effect: Effect): readonly Effect[] => {
    if (effect.type !== 'PLACE') return [effect];
    const clientOrderId = `${effect.order.clientOrderId.slice(0, -1)}9`;
    return [effect, { ...effect, order: { ...effect.order, clientOrderId } }];
  };
  expect(caught({ tamper })).toMatch(/I5 .* at the venue/);
});

test('a timer that declares an unanswered order rejected leaves it open at the venue (I12, I13)', () => {
  const due: Setup['due'] = (id, at) => {
    if (!id.startsWith('o:')) return null;
    const clientOrderId = id.slice(2);
    return {
      k: 'report',
      venue: 'sim',
      report: { type: 'REJECTED', clientOrderId, at, reason: 'no answer' },
    };
  };
  expect(caught({ due })).toMatch(/I13 .* FLYING/);
});

test('a cancel that is never sent, and taken for done, is found out', () => {
  const tamper = (effect: Effect): readonly Effect[] =>
    effect.type === 'CANCEL' || effect.type === 'ARM' ? [] : [effect];
  expect(caught({ tamper })).toMatch(/to be canceled, and nobody asks|deadlock/);
});

test('a batch that calls itself CANCELLED where it FAILED is contradicted by its children (I14)', () => {
  const lie = (intent: BatchIntent): BatchIntent =>
    intent.type === 'SETTLED' && intent.status === 'FAILED' ? { ...intent, status: 'CANCELLED' } : intent;
  const host = (real: Host): Host => ({
    ...real,
    batch(id, input) {
      const entity = real.batch(id, input);
      const { send } = entity;
      // `this`, not `entity`: the model goes on with copies.
      entity.send = function (event) {
        return send.call(this, event).map(lie);
      };
      return entity;
    },
  });
  expect(caught({ host })).toContain('I14: CANCELLED, its children say FAILED');
});

test('a gateway that does not look again before it sends opens after the batch has failed (I17)', () => {
  const tamper = (effect: Effect): readonly Effect[] => {
    if (effect.type !== 'PLACE') return [effect];
    const { group } = effect;
    return [{ ...effect, group: { ...group, stopping: false, batch: { ...group.batch, stopping: false } } }];
  };
  expect(caught({ tamper })).toMatch(/I17 .*: sent after a leg had failed/);
});
