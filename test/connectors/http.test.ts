/** The HTTP connector against a real venue process: its requests, its stream, and what it says when neither answers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/clock/system-clock.js';
import { connectHttpVenue, type HttpVenue } from '../../src/connectors/http/venue.js';
import type { AccountReport, PlaceOrder, Report } from '../../src/dtos/venue.js';
import { codeOf } from '../runtime/rig.js';

const order = (clientOrderId: string, more: Partial<PlaceOrder> = {}): PlaceOrder => ({
  clientOrderId,
  symbol: 'BTC/USDT',
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'IOC',
  quantity: '0.5',
  price: '70000',
  stopPrice: null,
  postOnly: false,
  reduceOnly: false,
  ...more,
});

class Heard {
  readonly reports: Report[] = [];
  readonly accounts: AccountReport[] = [];

  constructor(venue: HttpVenue) {
    venue.reports$.subscribe((report) => this.reports.push(report));
    venue.accounts$?.subscribe((report) => this.accounts.push(report));
  }

  types(clientOrderId: string): string[] {
    return this.reports
      .filter((report) => report.clientOrderId === clientOrderId)
      .map((report) => (report.type === 'NO_ANSWER' ? `${report.type} ${report.request}` : report.type));
  }

  async until(isSo: () => boolean): Promise<void> {
    for (let i = 0; i < 2000 && !isSo(); i++) await sleep(10);
    expect(isSo()).toBe(true);
  }
}

describe('a venue process', () => {
  let dir: string;
  let child: ChildProcess;
  let venue: HttpVenue;
  let heard: Heard;

  async function start(): Promise<string> {
    child = spawn(process.execPath, ['scripts/crash/venue.mjs', '--dir', dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    return `http://127.0.0.1:${JSON.parse(line.toString()).port}`;
  }

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'fillwright-venue-'));
    venue = await connectHttpVenue({ clock: systemClock(), url: await start(), name: 'process' });
    heard = new Heard(venue);
  });

  afterEach(async () => {
    venue.close();
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
    rmSync(dir, { recursive: true });
  });

  test('lists, quotes, and fills what crosses: the executions sum to what its status says', async () => {
    expect(venue.instrument('BTC/USDT')).toMatchObject({ lotSize: '0.001', quote: 'USDT' });
    expect(venue.instrument('DOGE/USDT')).toBeUndefined();
    await heard.until(() => venue.view('BTC/USDT') !== null);
    venue.place(order('a1'));
    await heard.until(() => heard.types('a1').includes('NEW') && heard.types('a1').includes('TRADE'));
    await sleep(50);
    venue.query('a1');
    await heard.until(() => heard.types('a1').includes('STATUS'));
    const filled = heard.reports.reduce(
      (sum, report) => (report.type === 'TRADE' ? sum + Number(report.quantity) : sum),
      0,
    );
    const status = heard.reports.find((report) => report.type === 'STATUS');
    expect(heard.types('a1')).toContain('NEW'); // an execution may come before it
    expect(Number(status?.type === 'STATUS' ? status.cumQty : -1)).toBeCloseTo(filled, 8);
  });

  test('a cancel waits for its place, and is confirmed by an event', async () => {
    venue.place(order('b1', { timeInForce: 'GTC', price: '100' }));
    venue.cancel('b1');
    await heard.until(() => heard.types('b1').length === 2);
    expect(heard.types('b1')).toEqual(['NEW', 'CANCELED']);
    venue.cancel('b1');
    venue.cancel('b2');
    venue.query('b2');
    await heard.until(() => heard.types('b1').length === 3 && heard.types('b2').length === 2);
    // Answers about different orders come in any order.
    const refusals = heard.reports.flatMap((report) =>
      report.type === 'CANCEL_REJECTED' ? [`${report.clientOrderId} ${report.reason}`] : [],
    );
    expect(refusals.sort()).toEqual(['b1 too late', 'b2 unknown order']);
    expect(heard.types('b2')).toContain('NOT_FOUND');
  });

  test('its mass status has every open order and the executions since', async () => {
    venue.place(order('c1', { timeInForce: 'GTC', price: '100' }));
    venue.place(order('c2'));
    await heard.until(() => heard.types('c2').includes('TRADE'));
    venue.massStatus(0);
    await heard.until(() => heard.accounts.length === 1);
    expect(heard.accounts).toMatchObject([
      { type: 'MASS_STATUS', since: 0, orders: [{ clientOrderId: 'c1', cumQty: '0' }], balances: null },
    ]);
    const [status] = heard.accounts;
    const ids = status?.type === 'MASS_STATUS' ? status.fills.map(({ clientOrderId }) => clientOrderId) : [];
    expect(new Set(ids)).toEqual(new Set(['c2']));
  });

  test('a process that dies is DOWN, and what is asked of it stays unanswered', async () => {
    child.kill('SIGKILL');
    await heard.until(() => heard.accounts.length === 1);
    expect(heard.accounts).toMatchObject([{ type: 'CONNECTION', state: 'DOWN' }]);
    venue.place(order('d1'));
    venue.query('d1');
    await heard.until(() => heard.types('d1').length === 2);
    expect(heard.types('d1')).toEqual(['NO_ANSWER PLACE', 'NO_ANSWER QUERY']);
  });
});

describe('an endpoint that is no venue', () => {
  let server: Server;
  const answers = async (status: number, body: string): Promise<string> => {
    server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' });
      response.end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  afterEach(() => {
    server.close();
  });

  test.each([
    ['answers HTML', 200, '<html>'],
    ['answers nothing', 200, ''],
    ['answers another listing', 200, '[{"symbol":"BTC/USDT"}]'],
    ['refuses', 403, '{"code":"NO","message":"no"}'],
    ['is broken', 503, '{}'],
  ])('is refused with CONNECTOR when it %s', async (_what, status, body) => {
    const url = await answers(status, body);
    const options = { clock: systemClock(), url, name: 'process', answerMs: 2000 };
    expect(await codeOf(connectHttpVenue(options))).toBe('CONNECTOR');
  });
});
