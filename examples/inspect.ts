/**
 * Inspection: every statechart of the runtime, watched live with @statelyai/inspect, without a network.
 *
 * createBrowserInspector opens a remote page and createSkyInspector a remote socket; createWebSocketInspector keeps
 * the process alive when nobody listens. createInspector with an adapter of one's own does none of that: this one
 * prints what it is sent. Give its `send` a file, a window or a socket to see the same elsewhere.
 */
import { setTimeout } from 'node:timers/promises';
import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import { coordinated, single, twap } from 'fillwright';
import type { InspectionEvent } from 'xstate';
import { openDesk, start } from './simulated-desk.js';

const counts = new Map<string, number>();
const names = new Map<string, string>();
const states = new Map<string, string>();

/** Prints each actor that appears, and each change of a machine's state with the event that led to it. */
function show(event: StatelyInspectionEvent): void {
  counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
  if (event.type === '@xstate.actor') {
    names.set(event.sessionId, event.name);
    const parent = event.parentId === undefined ? '' : ` under ${names.get(event.parentId)}`;
    console.log(`actor  ${event.name}${parent}`);
  }
  if (event.type !== '@xstate.snapshot') return;
  const { value } = event.snapshot as { readonly value?: unknown };
  const state = JSON.stringify(value);
  if (value === undefined || states.get(event.sessionId) === state) return;
  states.set(event.sessionId, state);
  console.log(`state  ${names.get(event.sessionId)} ${state} on ${event.event.type}`);
}

const inspector = createInspector({ send: show });

// The runtime hands XState's own inspection events on; its type says no more than that they have a type.
const { runtime, work } = await openDesk({
  inspect: (event) => inspector.inspect.next?.(event as InspectionEvent),
});
const trade = coordinated(
  {
    btc: twap({ symbol: 'BTC/USDT', side: 'BUY', quantity: '0.2', over: '20s', slices: 2 }),
    eth: single({ symbol: 'ETH/USDT', side: 'SELL', quantity: '5' }),
  },
  { at: start, seed: 'inspect', timeout: '1m' },
);
const batch = await runtime.submit(trade.directive, trade.commands);
await work();
const { status } = await batch.result();
await runtime.close();

// The inspector hands each event on by a timer of its own; this one comes after them.
await setTimeout(1);
console.log(`batch ${status}`);
for (const [type, count] of counts) console.log(`${String(count).padStart(5)}  ${type}`);
