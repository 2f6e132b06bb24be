/** The filters of `fillwright journal`: by batch, group, order and cause; all that are given must let an event through. */
import type { JournalRecord, RuntimeEvent } from '../index.js';
import { type Args, type Flag, usage } from './args.js';

export const FILTER_FLAGS: Readonly<Record<string, Flag>> = {
  batch: { type: 'string', value: 'ID', help: 'only events of this batch' },
  group: { type: 'string', value: 'ID', help: 'only events of this group' },
  order: { type: 'string', value: 'ID', help: 'only events of this order (our id or the client order id)' },
  cause: {
    type: 'string',
    value: 'SEQ',
    help: 'only this event and what it led to, directly or through others',
  },
};

/** A record with the events that the filters let through, null when there are none; without a filter as it is. */
export type Filter = (record: JournalRecord) => JournalRecord | null;

type Test = (event: RuntimeEvent) => boolean;

/** Records must come in order: what an event led to is known by what came before it. @throws USAGE */
export function filterOf(args: Args): Filter {
  const tests = [
    ...testOf(args.value('batch'), (event, id) => event.batchId === id),
    ...testOf(args.value('group'), (event, id) => event.groupId === id),
    ...testOf(args.value('order'), isOfOrder),
    ...causeTest(args.value('cause')),
  ];
  if (tests.length === 0) return (record) => record;
  return (record) => {
    // Every test sees every event: what follows from a cause may itself be of another order.
    const events = record.events.filter((event) => tests.map((test) => test(event)).every(Boolean));
    return events.length === 0 ? null : { ...record, events };
  };
}

const testOf = (value: string | undefined, test: (event: RuntimeEvent, id: string) => boolean): Test[] =>
  value === undefined ? [] : [(event) => test(event, value)];

const isOfOrder = (event: RuntimeEvent, id: string): boolean =>
  event.orderId === id || ('clientOrderId' in event && event.clientOrderId === id);

function causeTest(value: string | undefined): Test[] {
  if (value === undefined) return [];
  if (!/^\d{1,15}$/.test(value))
    throw usage(`fillwright journal: --cause takes an event's number, not '${value}'`);
  const followed = new Set([Number(value)]);
  return [
    ({ seq, cause }) => {
      if (cause !== null && followed.has(cause)) followed.add(seq);
      return followed.has(seq);
    },
  ];
}
