/**
 * Flow termination (spec 4, section 2): what happens once a flow has stopped, after the commit.
 *
 * Owns the handler's six responsibilities: it listens to both stops, ends the flow's actor, frees what the flow held,
 * notifies whoever watches, records duration and outcome, and keeps the final state for a post-mortem (the group's
 * row within the bounded history, and its GROUP_SETTLED in the journal). Alerts on an error where configured.
 */
import type { EventOf, RuntimeEvent } from '../dtos/events.js';
import type { Alert } from '../ports/alerts.js';
import { releaseGroup } from './groups.js';
import type { World } from './world.js';

export type FlowNotice = EventOf<'FLOW_TERMINATED'>;

export interface FlowTerminationPorts {
  readonly notify: (notice: FlowNotice) => void;
  readonly record: (notice: FlowNotice) => void;
  readonly alert: (alert: Alert) => void;
  readonly alertOnError: boolean;
}

export class FlowTermination {
  constructor(
    private readonly world: World,
    private readonly ports: FlowTerminationPorts,
  ) {}

  /** Takes every committed event; acts on the stops of flows. */
  on(event: RuntimeEvent): void {
    if (event.type === '_flow_stop_success' || event.type === '_flow_stop_error') this.stop(event);
    else if (event.type === 'FLOW_TERMINATED') this.terminated(event);
  }

  private stop(event: EventOf<'_flow_stop_success' | '_flow_stop_error'>): void {
    const group = event.groupId === undefined ? undefined : this.world.groups.get(event.groupId);
    if (group !== undefined) releaseGroup(group);
    if (event.type === '_flow_stop_success' || !this.ports.alertOnError) return;
    const { batchId, groupId, at } = event;
    this.ports.alert({
      code: 'FLOW_ERROR',
      message: `${event.flowId}: ${event.reason}`,
      at,
      ...(batchId === undefined ? {} : { batchId }),
      ...(groupId === undefined ? {} : { groupId }),
    });
  }

  private terminated(notice: FlowNotice): void {
    this.ports.record(notice);
    this.ports.notify(notice);
  }
}
