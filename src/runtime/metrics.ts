/**
 * Metrics through @opentelemetry/api: no-ops until a host installs an SDK.
 *
 * Owns the instruments' names and what counts into them. Fed with committed events; never decides.
 */
import { type Attributes, metrics } from '@opentelemetry/api';
import type { FlowNotice } from '../actors/flow-termination.js';
import type { RuntimeEvent } from '../dtos/events.js';

export interface Metrics {
  event(event: RuntimeEvent): void;
  flow(notice: FlowNotice): void;
  alertLost(): void;
}

const NONE: Metrics = { event() {}, flow() {}, alertLost() {} };

/** `fillwright.orders`, `.fills`, `.groups`, `.batches`, `.alerts` (counts) and `.flow.duration` (ms). */
export function createMetrics(enabled: boolean): Metrics {
  if (!enabled) return NONE;
  const meter = metrics.getMeter('fillwright');
  const orders = meter.createCounter('fillwright.orders', {
    description: 'orders by how they ended, or sent',
  });
  const fills = meter.createCounter('fillwright.fills', { description: 'fills booked' });
  const groups = meter.createCounter('fillwright.groups', { description: 'groups settled, by status' });
  const batches = meter.createCounter('fillwright.batches', { description: 'batches settled, by status' });
  const alerts = meter.createCounter('fillwright.alerts', { description: 'alerts, by code' });
  const duration = meter.createHistogram('fillwright.flow.duration', {
    unit: 'ms',
    description: 'flow, start to stop',
  });
  const one = (counter: { add(n: number, attributes?: Attributes): void }, attributes: Attributes): void => {
    counter.add(1, attributes);
  };
  /** One object per kind: made for each order they would be a good part of what an event costs here. */
  const labels = new Map<string, Attributes>();
  const label = (key: string, make: () => Attributes): Attributes => {
    let found = labels.get(key);
    if (found === undefined) {
      found = make();
      labels.set(key, found);
    }
    return found;
  };
  const sent = { state: 'SENT' };
  const onTime = { BUY: { side: 'BUY', late: false }, SELL: { side: 'SELL', late: false } };
  return {
    event(event) {
      switch (event.type) {
        case 'ORDER_INTENT':
          return one(orders, sent);
        case 'ORDER_ENDED':
          return one(
            orders,
            label(event.status, () => ({ state: event.status })),
          );
        case 'FILL':
          return one(fills, event.late ? { side: event.side, late: true } : onTime[event.side]);
        case 'GROUP_SETTLED':
          return one(groups, { status: event.status });
        case 'BATCH_SETTLED':
          return one(batches, { status: event.status });
        case 'ALERT':
          return one(alerts, { code: event.code });
      }
    },
    alertLost: () => one(alerts, { code: 'LOST' }),
    flow: (notice) => duration.record(notice.durationMs, { outcome: notice.outcome }),
  };
}
