import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXPECTED } from '../../src/cli/demo.js';
import { FillSchema, OrderSchema, parseDto } from '../../src/dtos/index.js';
import type { BatchView } from '../../src/runtime/run-view.js';
import { commandFor, scenarioFor } from '../runtime/scenario-files.js';
import { cli } from './harness.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fillwright-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;
function file(content: object): string {
  count += 1;
  const path = join(dir, `s${count}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
}
const fresh = (): string => join(dir, `j${++count}.journal`);
const example = (name: string): string =>
  new URL(`../../examples/scenarios/${name}.yaml`, import.meta.url).pathname;
const batchesOf = (out: string): BatchView[] => (JSON.parse(out) as { batches: BatchView[] }).batches;

describe('run', () => {
  test('prints the contract as JSON, its orders and fills as DTOs', async () => {
    const { code, out } = await cli(['run', file(scenarioFor()), '--json']);
    expect(code).toBe(0);
    const { v } = JSON.parse(out) as { v: number };
    expect(v).toBe(1);
    const [batch] = batchesOf(out);
    expect(batch).toMatchObject({
      mode: 'INDEPENDENT',
      status: 'COMPLETED',
      residuals: [],
      kept: [],
      dust: [],
    });
    const group = batch?.groups[0];
    expect(group).toMatchObject({
      symbol: 'BTC/USDT',
      side: 'BUY',
      target_quantity: '0.5',
      filled_quantity: '0.5',
    });
    for (const { fills, ...order } of group?.orders ?? []) {
      parseDto(OrderSchema, order, 'order');
      for (const fill of fills) parseDto(FillSchema, fill, 'fill');
    }
    expect(group?.orders[0]?.status).toBe('FILLED');
  });

  test('writes the same journal byte for byte, with and without a listener', async () => {
    const [first, second] = [fresh(), fresh()];
    await cli(['run', example('pair-trade-timeout'), '--journal', first, '--quiet']);
    await cli(['run', example('pair-trade-timeout'), '--journal', second], { tty: true });
    const text = readFileSync(first, 'utf8');
    expect(text.length).toBeGreaterThan(1000);
    expect(readFileSync(second, 'utf8')).toBe(text);
  });

  test('reports to a person: market, legs, journal, what to do next', async () => {
    const journal = fresh();
    const { code, out, err } = await cli(['run', example('pair-trade'), '--journal', journal]);
    expect(code).toBe(0);
    expect(out).toContain('market   synthetic');
    expect(out).toMatch(/BAT_\S+ {2}COORDINATED {2}COMPLETED/);
    expect(out).toMatch(/ETH\/USDT +SELL +TWAP +COMPLETED +12\/12/);
    expect(out).toContain(`fillwright journal show ${journal}`);
    expect(err).toMatch(/BTC\/USDT BUY TWAP 50%/);
    expect((await cli(['journal', 'show', journal])).out).toContain('BATCH_SETTLED');
  });

  test('draws bars on a terminal, redrawn in place', async () => {
    const { err } = await cli(['run', example('pair-trade')], { tty: true });
    expect(err).toContain('█');
    expect(err.split('\u001b[').some((part) => /^\d+A/.test(part))).toBe(true);
  });

  test('--quiet prints ids only', async () => {
    const { out, err } = await cli(['run', file(scenarioFor()), '--quiet']);
    expect(out).toMatch(/^BAT_\d{8}_\d{6}_[0-9a-f]{8}\n$/);
    expect(err).toBe('');
  });

  test('without --journal writes no file', async () => {
    await cli(['run', file(scenarioFor()), '--quiet']);
    expect(existsSync(join(process.cwd(), '.fillwright', 'journal'))).toBe(false);
  });
});

describe('exit codes', () => {
  test('3 when the commands are incomplete for their scope, and the journal says so', async () => {
    const { size_plan: _, ...command } = commandFor();
    const journal = fresh();
    const { code, out } = await cli([
      'run',
      file(scenarioFor({ commands: [command] })),
      '--journal',
      journal,
      '--json',
    ]);
    expect(code).toBe(3);
    expect(batchesOf(out)[0]).toMatchObject({ status: 'FAILED', reason: 'scope_error' });
    expect(readFileSync(journal, 'utf8')).toContain('EXECUTION_FAILED');
  });

  test('3 when a COORDINATED batch fails its pre-check, and nothing was sent', async () => {
    const directive = { execution_policy: { mode: 'COORDINATED' } };
    const commands = [commandFor(), commandFor({ n: 2, direction: 'SELL', symbol: 'ETH/USDT' })];
    const market = { ...scenarioFor().market, symbols: { 'BTC/USDT': '60000', 'ETH/USDT': '2500' } };
    const scenario = {
      ...scenarioFor({ directive, commands }),
      market,
      venue: { balances: { USDT: '100000' } },
    };
    const { code, out } = await cli(['run', file(scenario), '--json']);
    expect(code).toBe(3);
    const [batch] = batchesOf(out);
    expect(batch).toMatchObject({ status: 'FAILED', reason: 'pre_check' });
    expect(batch?.groups.flatMap((group) => group.orders)).toEqual([]);
  });

  test('4 when a batch failed after it traded', async () => {
    expect((await cli(['run', example('pair-trade-rejected-leg'), '--quiet'])).code).toBe(4);
  });

  test('5 when the market ended before the target was reached', async () => {
    const routing = { strategy_params: { strategy: 'TWAP', duration_seconds: 600, slices: 10 } };
    const { code, out } = await cli([
      'run',
      file(scenarioFor({ commands: [commandFor({ routing })] })),
      '--json',
    ]);
    expect(code).toBe(5);
    expect(batchesOf(out)[0]).toMatchObject({ status: 'PARTIAL', reason: 'market_ended' });
  });

  test('6 when the first Ctrl-C cancels, and the run goes on until nothing is open', async () => {
    const routing = { strategy_params: { strategy: 'TWAP', duration_seconds: 100, slices: 10 } };
    let pressed = false;
    const { code, out, err } = await cli(
      ['run', file(scenarioFor({ commands: [commandFor({ routing })] })), '--json'],
      {
        onErr(text, interrupt) {
          if (pressed || !text.includes('20%')) return;
          pressed = true;
          interrupt();
        },
      },
    );
    expect(code).toBe(6);
    expect(err).toContain('cancelling every batch');
    expect(batchesOf(out)[0]).toMatchObject({ status: 'CANCELLED', reason: 'cancel_requested' });
  });

  test('130 when a second Ctrl-C gives up, with the open orders listed', async () => {
    const entry = { order_type: 'LIMIT', limit_price: '50000' };
    const scenario = scenarioFor({ commands: [commandFor(), commandFor({ n: 2, entry })] });
    let presses = 0;
    const { code, err } = await cli(['run', file(scenario)], {
      onErr(text, interrupt) {
        if (!text.includes('100%') || presses > 0) return;
        for (; presses < 2; presses += 1) interrupt();
      },
    });
    expect(code).toBe(130);
    expect(err).toMatch(/interrupted; 1 open orders\n {2}\S+ BUY 0\.5 BTC\/USDT [A-Z_]+\n$/);
  });
});

describe('the packaged scenarios', () => {
  test.each(EXPECTED.map(({ name, statuses }) => [name, statuses] as const))(
    '%s ends as the demonstration says',
    async (name, statuses) => {
      const { out } = await cli(['run', example(name), '--json', '--quiet']);
      const batches = batchesOf(out);
      expect(batches.map(({ status }) => status)).toEqual(statuses);
      expect(batches.flatMap(({ residuals }) => residuals)).toEqual([]);
    },
  );

  test('unwind what the failed pair trades had filled', async () => {
    for (const name of ['pair-trade-rejected-leg', 'pair-trade-timeout']) {
      const { out } = await cli(['run', example(name), '--json', '--quiet']);
      const groups = batchesOf(out)[0]?.groups ?? [];
      for (const unwind of groups.filter((group) => group.offsets_group_id !== undefined)) {
        const leg = groups.find((group) => group.group_id === unwind.offsets_group_id);
        expect(unwind).toMatchObject({ status: 'COMPLETED', filled_quantity: leg?.filled_quantity });
        expect(unwind.side).not.toBe(leg?.side);
      }
      expect(groups.some((group) => group.offsets_group_id !== undefined)).toBe(true);
    }
  });

  test('make up the demonstration', async () => {
    const before = process.cwd();
    process.chdir(dir);
    try {
      const { code, out } = await cli(['demo', '--quiet']);
      expect(out).not.toContain('NOT as expected');
      expect(out.match(/ as expected /g)).toHaveLength(EXPECTED.length);
      expect(out).toContain('synthetic');
      expect(code).toBe(0);
      expect(existsSync(join(dir, '.fillwright', 'demo', 'rotation.journal'))).toBe(true);
    } finally {
      process.chdir(before);
    }
  });
});
