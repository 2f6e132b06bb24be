import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reportPage } from '../../src/cli/html/page.js';
import { timeLabel, timeTicks } from '../../src/cli/html/scale.js';
import { groupTable, percentText } from '../../src/cli/report.js';
import type { BatchView } from '../../src/runtime/run-view.js';
import type { ExecutionReport, GroupReport } from '../../src/runtime/report/execution-report.js';
import { cli } from './harness.js';

const example = (name: string): string =>
  new URL(`../../examples/scenarios/${name}.yaml`, import.meta.url).pathname;
const NAMES = ['pair-trade', 'pair-trade-rejected-leg', 'dca'] as const;
/** Each with charts of its own kind, or with a protection. */
const KINDS = ['pov', 'iceberg', 'layered', 'dca-schedule', 'protected-entry'] as const;
type Name = (typeof NAMES)[number] | (typeof KINDS)[number];

let dir = '';
const at = (name: string): string => join(dir, name);
const journal = (name: Name): string => at(`${name}.journal`);
const ran = new Map<string, BatchView[]>();
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fillwright-'));
  for (const name of [...NAMES, ...KINDS]) {
    const { out } = await cli(['run', example(name), '--journal', journal(name), '--json']);
    ran.set(name, (JSON.parse(out) as { batches: BatchView[] }).batches);
  }
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const made = async (name: Name): Promise<ExecutionReport> =>
  JSON.parse((await cli(['report', journal(name), '--json'])).out) as ExecutionReport;

describe('report', () => {
  test('--json has the same figures as the run itself', async () => {
    for (const name of NAMES) {
      const report = await made(name);
      expect(report).toMatchObject({ v: 1, torn_at: null, environment: 'backtest' });
      const groups = (ran.get(name) ?? []).flatMap((batch) => batch.groups);
      const figures = groups.map(({ orders, ...group }) => ({ ...group, orders: orders.length }));
      expect(report.batches.flatMap((batch) => batch.groups)).toMatchObject(figures);
    }
  });

  test('tells a person every figure, n/a where there is none', async () => {
    const { code, out } = await cli(['report', journal('pair-trade-rejected-leg')]);
    expect(code).toBe(0);
    expect(out).toMatch(/BAT_\S+ {2}COORDINATED {2}FAILED {2}execution_error/);
    expect(out).toMatch(/filled +0 of 12 \(0%\), scheduled by its end 12/);
    expect(out).toMatch(/average +n\/a/);
    expect(out).toMatch(/orders +1, fills 0, rejects 1/);
    expect(out).toMatch(/unfilled +execution_error: post-only/);
    expect(out).toContain('unwind BTC/USDT SELL SINGLE');
  });

  test('exits as journal show does: 2 for what is missing, 9 for what is damaged, 0 for a torn tail', async () => {
    const text = readFileSync(journal('dca'), 'utf8');
    const second = text.indexOf('\n', text.indexOf('\n') + 1) + 1; // behind the header and record 1
    writeFileSync(at('damaged.journal'), `${text.slice(0, second)}garbage\n${text.slice(second)}`);
    writeFileSync(at('torn.journal'), `${text}{"n":`);
    writeFileSync(at('empty.journal'), '');
    expect(await cli(['report', at('none.journal')])).toMatchObject({ code: 2, out: '' });
    expect(await cli(['report', dir])).toMatchObject({ code: 2, err: `${dir}: cannot be read\n` });
    expect(await cli(['report'])).toMatchObject({ code: 2 });
    const damaged = await cli(['report', at('damaged.journal'), '--html', at('damaged.html')]);
    expect(damaged).toMatchObject({ code: 9, out: '' });
    expect(damaged.err).toContain(`record 2 at byte ${Buffer.byteLength(text.slice(0, second))}`);
    expect(existsSync(at('damaged.html'))).toBe(false);
    const torn = await cli(['report', at('torn.journal')]);
    expect(torn.code).toBe(0);
    expect(torn.out).toContain(`torn tail at byte ${Buffer.byteLength(text)}`);
    expect(await cli(['report', at('empty.journal')])).toMatchObject({ code: 0, out: 'an empty journal\n' });
  });

  test('--html never overwrites the journal, and says what cannot be written', async () => {
    const before = readFileSync(journal('dca'), 'utf8');
    const itself = await cli(['report', journal('dca'), '--html', join(dir, '.', 'dca.journal')]);
    expect(itself).toMatchObject({ code: 2, out: '' });
    expect(readFileSync(journal('dca'), 'utf8')).toBe(before);
    const nowhere = at(join('none', 'x.html'));
    expect(await cli(['report', journal('dca'), '--html', nowhere])).toMatchObject({
      code: 2,
      err: `${nowhere}: cannot be written\n`,
    });
  });

  test('--quiet prints ids only', async () => {
    expect((await cli(['report', journal('dca'), '--quiet'])).out).toMatch(/^BAT_\S+\n$/);
  });
});

describe('the page', () => {
  const pageOf = async (name: Name): Promise<string> => {
    const { code, out } = await cli(['report', journal(name), '--html', at(`${name}.html`)]);
    expect(code).toBe(0);
    expect(out).toContain(at(`${name}.html`));
    return readFileSync(at(`${name}.html`), 'utf8');
  };

  test('loads nothing and runs nothing', async () => {
    const page = await pageOf('pair-trade');
    expect(page).toContain('default-src &#39;none&#39;');
    expect(page).not.toMatch(
      /<script|<link|<img|<iframe|<object|javascript:|@import|url\(|https?:|\son\w+=/i,
    );
    expect(page).toContain('prefers-color-scheme: dark');
  });

  test('draws each group: one mark per fill and price, one per reject, named and described', async () => {
    for (const name of NAMES) {
      const groups = (await made(name)).batches.flatMap((batch) => batch.groups);
      const page = await pageOf(name);
      const fills = groups.reduce((sum, group) => sum + group.fills.length, 0);
      const priced = groups.filter((group) => group.fills.length > 0).length;
      expect(count(page, /class="mark (maker|taker|unknown)"/g)).toBe(2 * fills);
      expect(count(page, /class="mark reject"/g)).toBe(groups.reduce((sum, group) => sum + group.rejects, 0));
      expect(count(page, /role="img"/g)).toBe(groups.length + priced);
      expect(count(page, /<desc /g)).toBe(groups.length + priced);
      expect(count(page, /<path class="line schedule"/g)).toBe(groups.length);
      expect(count(page, /<path class="line filled"/g)).toBe(groups.length);
      for (const { group_id: id } of groups) expect(page).toContain(`aria-labelledby="${id}-progress-title`);
    }
  });

  test('dashes the bounds of a schedule of several slices only', async () => {
    expect(count(await pageOf('pair-trade'), /<path class="line bound (upper|lower)"/g)).toBe(4);
    expect(count(await pageOf('dca'), /<path class="line bound/g)).toBe(0);
  });

  test('has charts of 420 pixels and more, no coordinate that is no number, and every element closed', async () => {
    const page = await pageOf('pair-trade-rejected-leg');
    expect(Math.min(...([...page.matchAll(/-progress-desc"[^>]*>/g)].length ? [440] : [0]))).toBe(440);
    expect(count(page, /viewBox="0 0 1040 440" width="1040" height="440"/g)).toBe(3);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    const open: string[] = [];
    for (const [, slash, tag = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (tag === 'meta') continue;
      if (slash === '') open.push(tag);
      else expect(open.pop()).toBe(tag);
    }
    expect(open).toEqual([]);
  });

  test('repeats what it draws as rows', async () => {
    const page = await pageOf('pair-trade');
    const groups = (await made('pair-trade')).batches.flatMap((batch) => batch.groups);
    for (const { fills } of groups)
      for (const fill of fills) expect(page).toContain(`<td>${fill.at}</td><td>${fill.liquidity}</td>`);
  });

  test('escapes whatever a journal or a file name holds', async () => {
    const evil = `"'><script>alert(1)</script>&\u0000`;
    const report = await made('pair-trade-rejected-leg');
    const bent = (group: GroupReport): GroupReport => ({
      ...group,
      group_id: evil,
      symbol: evil,
      unfilled_reason: evil,
      fees: [{ asset: evil, amount: '1' }],
      rejections: group.rejections.map((row) => ({ ...row, reason: evil, order_id: evil })),
    });
    const batches = report.batches.map((batch) => ({ ...batch, groups: batch.groups.map(bent) }));
    const page = reportPage({ ...report, environment: evil, batches }, evil);
    expect(page).not.toContain('<script');
    expect(page).not.toContain('\u0000');
    expect(page).not.toMatch(/="[^"]*[<>][^"]*"/);
    expect(count(page, /&lt;script&gt;/g)).toBeGreaterThan(10);
  });

  test('of each kind escapes the names in its own charts', async () => {
    const evil = `"'><script>alert(1)</script>`;
    for (const name of KINDS) {
      const report = await made(name);
      const bent = (group: GroupReport): GroupReport => ({ ...group, symbol: evil, strategy: evil });
      const batches = report.batches.map((batch) => ({ ...batch, groups: batch.groups.map(bent) }));
      const page = reportPage({ ...report, batches }, 'x');
      expect(page).not.toContain('<script');
      expect(page).not.toMatch(/="[^"]*[<>][^"]*"/);
      expect(page).not.toMatch(/(src|href)="(?!#)/);
    }
  });

  test('draws a rung for each price of a ladder, and lists it', async () => {
    const report = await made('pair-trade');
    const rungs = ['60100', '60050', '59900'].map((price) => ({
      price,
      quantity: '0.1',
      filled: '0.04',
    }));
    const [batch] = report.batches;
    const [group] = batch?.groups ?? [];
    if (batch === undefined || group === undefined) throw new Error('no group');
    const page = reportPage({ ...report, batches: [{ ...batch, groups: [{ ...group, rungs }] }] }, 'x');
    // One more is the sample in the legend.
    expect(count(page, /<line class="line rung"/g)).toBe(4);
    expect(page).toContain('<td class="n">60050</td><td class="n">0.1</td><td class="n">0.04</td>');
    expect(await pageOf('pair-trade')).not.toContain('class="line rung"');
  });

  test('draws a ladder of many prices in ranges of price, and lists each', async () => {
    const report = await made('layered');
    const [batch] = report.batches;
    const [group] = batch?.groups ?? [];
    if (batch === undefined || group === undefined) throw new Error('no group');
    const rungs = Array.from({ length: 100 }, (_, k) => ({
      ...{ price: String(60_099 - k), quantity: '0.2', filled: '0.1' },
    }));
    const page = reportPage({ ...report, batches: [{ ...batch, groups: [{ ...group, rungs }] }] }, 'x');
    expect(count(page, /class="bar planned"/g)).toBe(20);
    expect(count(page, />0\.5 of 1</g)).toBe(20);
    expect(page).not.toContain('class="line rung"');
    expect(page).toContain('<td class="n">60050</td><td class="n">0.2</td><td class="n">0.1</td>');
  });

  test.each([
    ['2014-12-01', '2018-08-13', ['2015-01-01', '2016-01-01', '2017-01-01', '2018-01-01']],
    ['2015-01-15', '2015-06-20', ['2015-02-01', '2015-03-01', '2015-04-01', '2015-05-01', '2015-06-01']],
    ['2015-01-15', '2016-03-20', ['2015-04-01', '2015-07-01', '2015-10-01', '2016-01-01']],
  ])('has ticks at the beginnings of months or years from %s to %s', (from, to, days) => {
    const { ticks, step } = timeTicks(Date.parse(from), Date.parse(to), 7);
    expect(ticks.map((at) => timeLabel(at, step, 0))).toEqual(days);
  });

  test('draws what each kind of strategy has of its own, and nothing of it for others', async () => {
    const titles = async (name: Name) =>
      [...(await pageOf(name)).matchAll(/<title id="[^"]*-(participation|tip|ladder)-title">/g)].map(
        (match) => match[1],
      );
    expect(await titles('pov')).toEqual(['participation']);
    expect(await titles('iceberg')).toEqual(['tip']);
    expect(await titles('layered')).toEqual(['ladder']);
    expect(await titles('dca-schedule')).toEqual(['ladder']);
    expect(await titles('pair-trade')).toEqual([]);
  });

  test('shows the protection of a position beside its entry', async () => {
    const page = await pageOf('protected-entry');
    expect(page).toContain('>protect BTC/USDT SELL SINGLE</a>');
    const { out } = await cli(['report', journal('protected-entry')]);
    expect(out).toMatch(/\n {2}protect BTC\/USDT SELL SINGLE {2}COMPLETED/);
    expect((await cli(['run', example('protected-entry'), '--quiet'])).code).toBe(0);
    expect((await cli(['run', example('protected-entry')])).out).toMatch(/\n {2}protect BTC\/USDT +SELL/);
  });

  test('is of a scenario what it is of the journal that running it leaves', async () => {
    for (const name of ['pov', 'pair-trade-rejected-leg'] as const) {
      const of = async (path: string) => JSON.parse((await cli(['report', path, '--json'])).out);
      expect(await of(example(name))).toEqual(await of(journal(name)));
    }
    writeFileSync(at('journal.json'), readFileSync(journal('pov')));
    expect((await cli(['report', at('journal.json')])).out).toContain('BTC/USDT BUY POV');
    writeFileSync(at('bad.yaml'), 'market: 7\n');
    expect(await cli(['report', at('bad.yaml')])).toMatchObject({ code: 3, out: '' });
  });

  test('of a group that never started says that there is nothing to draw', async () => {
    const report = await made('dca');
    const [batch] = report.batches;
    const [group] = batch?.groups ?? [];
    if (batch === undefined || group === undefined) throw new Error('no group');
    const idle = {
      ...group,
      ...{ started_at: null, ended_at: null, schedule: [], bounds: [], fills: [], scheduled_at_end: null },
      ...{ avg_price: null, slippage_bps: null, unfilled_reason: 'pre_check' },
    };
    const page = reportPage({ ...report, batches: [{ ...batch, groups: [idle] }] }, 'x');
    expect(page).toContain('Nothing to draw');
    expect(page).not.toContain('role="img"');
    expect(page).toContain('pre_check');
  });

  test('of many fills leaves out marks that fall on others, never a step of the line', async () => {
    const report = await made('pair-trade');
    const [group] = report.batches.flatMap((batch) => batch.groups);
    if (group === undefined) throw new Error('no group');
    const start = Date.parse(group.started_at ?? '');
    const fills = Array.from({ length: 5000 }, (_, k) => ({
      at: new Date(start + k * 10).toISOString(),
      quantity: '0.0001',
      cumulative: String((k + 1) / 10000),
      price: '60000',
      liquidity: 'MAKER' as const,
    }));
    const [batch] = report.batches;
    if (batch === undefined) throw new Error('no batch');
    const page = reportPage({ ...report, batches: [{ ...batch, groups: [{ ...group, fills }] }] }, 'x');
    expect(count(page, /class="mark maker"/g)).toBeLessThan(1000);
    expect(page).toContain('the first 500 of 5000');
    expect(page.length).toBeLessThan(600_000);
  });
});

describe('the table of a run', () => {
  const groups = (): BatchView['groups'] => (ran.get('pair-trade') ?? []).flatMap((batch) => batch.groups);
  const paint = (_tone: string, text: string): string => text;

  test('shows cost, participation, fees, maker share and rejects', () => {
    const [header = '', row = ''] = groupTable(groups(), { paint });
    for (const title of ['vs arrival', 'vs VWAP', 'of volume', 'fees', 'maker', 'rejects', 'reason'])
      expect(header).toContain(title);
    expect(row).toContain('USDT');
  });

  test('leaves out what does not fit a narrow terminal, never filled, cost or reason', () => {
    const every = groupTable(groups(), { paint })[0] ?? '';
    for (const width of [100, 120, 140]) {
      const lines = groupTable(groups(), { paint, width });
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines[0]?.length).toBeLessThan(every.length);
      for (const title of ['filled/target', 'vs arrival', 'reason']) expect(lines[0]).toContain(title);
    }
    expect(groupTable(groups(), { paint, width: 10 })[0]).toContain('filled/target');
  });

  test.each([
    [null, 'n/a'],
    ['0', '0%'],
    ['0.0425', '4.25%'],
    ['0.00001', '<0.01%'],
    ['0.999999', '>99.99%'],
    ['1', '100%'],
  ])('writes the fraction %s as %s', (fraction, text) => {
    expect(percentText(fraction)).toBe(text);
  });
});
