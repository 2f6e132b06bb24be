import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { FillwrightError } from '../../src/dtos/errors.js';
import { defaultInstrument, loadConfig, loadScenario, validateFile } from '../../src/runtime/scenario.js';
import { commandFor, scenarioFor } from './scenario-files.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fillwright-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;
function write(content: unknown, extension = 'yaml'): string {
  count += 1;
  const file = join(dir, `s${count}.${extension}`);
  const text =
    extension === 'json' ? JSON.stringify(content) : stringify(content, { aliasDuplicateObjects: false });
  writeFileSync(file, typeof content === 'string' ? content : text);
  return file;
}

function refusal(file: string, load: (file: string) => unknown = loadScenario): FillwrightError {
  try {
    load(file);
  } catch (error) {
    if (error instanceof FillwrightError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('a scenario', () => {
  test('is read from YAML and from JSON alike', () => {
    const yaml = loadScenario(write(scenarioFor()));
    const json = loadScenario(write(scenarioFor(), 'json'));
    expect(json.entries).toEqual(yaml.entries);
    expect(yaml.entries[0]?.parsed.commands[0]?.size_plan?.leverage).toBe('1');
    expect(yaml.entries[0]?.symbols).toEqual(['BTC/USDT']);
  });

  test('keeps a directive as it was written, for submit', () => {
    const scenario = loadScenario(write(scenarioFor()));
    expect(scenario.entries[0]?.directive).toEqual(scenarioFor().directives[0]?.directive);
  });

  test('defaults its instruments: a fine lot for a pair, whole shares for a ticker', () => {
    expect(defaultInstrument('BTC/USDT')).toEqual({
      tick_size: '0.01',
      lot_size: '0.00001',
      min_notional: '0',
    });
    expect(defaultInstrument('AAPL').lot_size).toBe('1');
    const market = { ...scenarioFor().market, symbols: { 'BTC/USDT': '60000', AAPL: '185' } };
    expect(loadScenario(write({ ...scenarioFor(), market })).instruments['AAPL']).toEqual(
      defaultInstrument('AAPL'),
    );
  });

  test('defaults its venue: no latency, no fees, no shorting, unlimited cash', () => {
    expect(loadScenario(write(scenarioFor())).venue).toEqual({
      latency_ms: 0,
      fees_bps: { maker: '0', taker: '0' },
      native_iceberg: false,
      stop_orders: true,
      allow_short: false,
    });
  });

  test('says which environment a shared configuration is read for', () => {
    const config = write({ profiles: { paper: { plan_execution: { timeout_seconds: 7 } } } });
    const paper = { ...scenarioFor(), environment: 'paper', config };
    expect(loadScenario(write(paper)).config.orchestration.plan_execution.timeout_seconds).toBe(7);
    expect(
      loadScenario(write(scenarioFor()), { config }).config.orchestration.plan_execution.timeout_seconds,
    ).toBe(30);
  });
});

describe('unreadable input', () => {
  test('names the file', () => {
    const missing = join(dir, 'none.yaml');
    expect(refusal(missing)).toMatchObject({ code: 'SCENARIO', message: `${missing}: no such file` });
    expect(refusal(dir).message).toBe(`${dir}: is a directory`);
    const latin1 = join(dir, 'latin1.yaml');
    writeFileSync(latin1, Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    expect(refusal(latin1).message).toBe(`${latin1}: not UTF-8 text`);
  });

  test('names line and column of a syntax error', () => {
    const file = write('market: [1,\ndirectives: }');
    const error = refusal(file);
    expect(error.code).toBe('SCENARIO');
    expect(error.message).toMatch(new RegExp(`^${file}:\\d+:\\d+: `));
  });

  test('names a market file that does not exist', () => {
    const market = {
      source: 'recorded',
      format: 'trades-csv',
      files: ['a.csv'],
      symbols: { btcusdt: 'BTC/USDT' },
    };
    const file = write({ ...scenarioFor(), market });
    expect(refusal(file)).toMatchObject({
      code: 'SCENARIO',
      message: `${file}: market.files[0]: no such file: a.csv`,
      path: 'market.files[0]',
    });
  });

  test('names a configuration that does not exist or does not parse', () => {
    expect(refusal(write({ ...scenarioFor(), config: 'none.yaml' })).message).toBe(
      `${join(dir, 'none.yaml')}: no such file`,
    );
    const config = write({ orchestration: { plan_execution: { timeout: 1 } } });
    const error = refusal(write({ ...scenarioFor(), config }));
    expect(error.code).toBe('CONFIG');
    expect(error.message).toBe(`${config}: orchestration.plan_execution.timeout: unknown key`);
  });
});

describe('what does not fit is refused by its path', () => {
  const command = commandFor();
  const withCommand = (change: object) => scenarioFor({ commands: [{ ...command, ...change }] });
  const size = (position_size: unknown) =>
    withCommand({ size_plan: { ...command.size_plan, position_size } });
  const entry = (change: object) => withCommand({ entry_plan: { ...command.entry_plan, ...change } });
  const routing = (change: object) => withCommand({ routing_plan: { ...command.routing_plan, ...change } });
  const root = 'directives[0].commands[0]';

  test.each<[string, object, string]>([
    [
      'a number as a size',
      size(0.5),
      `${root}.size_plan.position_size: must be a decimal string, not a number`,
    ],
    [
      'a size off the lot',
      size('0.000001'),
      `${root}.size_plan.position_size: 0.000001 is not a multiple of the lot size`,
    ],
    ['a size of more than 2^53 lots', size('99999999999999'), `${root}.size_plan.position_size: `],
    ['a negative size', size('-1'), `${root}.size_plan.position_size: must be positive`],
    [
      'a price off the tick',
      entry({ order_type: 'LIMIT', limit_price: '60000.001' }),
      `${root}.entry_plan.limit_price: 60000.001 is not a multiple of the tick size 0.01`,
    ],
    [
      'a limit order without a price',
      entry({ order_type: 'LIMIT' }),
      `${root}.entry_plan.limit_price: LIMIT requires`,
    ],
    [
      'a symbol that the market lacks',
      entry({ symbol: 'ETH/USDT' }),
      `${root}.entry_plan.symbol: ETH/USDT is not in the market`,
    ],
    ['a lower-case symbol', entry({ symbol: 'btc/usdt' }), `${root}.entry_plan.symbol: must be BASE/QUOTE`],
    ['an unknown key', withCommand({ colour: 'red' }), `${root}.colour: unknown key`],
    [
      'leverage',
      withCommand({ size_plan: { ...command.size_plan, leverage: '2' } }),
      `${root}.size_plan.leverage: `,
    ],
    ['another venue', routing({ venue: 'binance' }), `${root}.routing_plan.venue: `],
    [
      'a strategy that is not installed',
      routing({ preferred_execution_style: 'SNIPER' }),
      `${root}.routing_plan.preferred_execution_style: strategy SNIPER is not installed`,
    ],
    [
      'a TWAP without a duration',
      routing({ preferred_execution_style: 'TWAP' }),
      `${root}.routing_plan.max_execution_window_minutes: `,
    ],
    [
      'an unknown scope',
      scenarioFor({ directive: { scope: 'HEDGE' } }),
      'directives[0].directive.scope: must be one of',
    ],
    [
      'a new trade without commands',
      { ...scenarioFor(), directives: [{ directive: scenarioFor().directives[0]?.directive }] },
      'directives[0].commands: NEW_TRADE requires commands',
    ],
    ['no commands at all', scenarioFor({ commands: [] }), 'directives[0].commands: must not be empty'],
    [
      'a command id twice',
      scenarioFor({ commands: [command, command] }),
      'directives[0].commands[1].command_id: ',
    ],
    [
      'a naive time',
      scenarioFor({ at: '2025-01-06T09:00:00' }),
      'directives[0].at: must be UTC with a trailing Z',
    ],
    ['no directives', { ...scenarioFor(), directives: [] }, 'directives: must be at least 1'],
    ['live', { ...scenarioFor(), environment: 'live' }, 'environment: live is refused'],
    ['an unknown block', { ...scenarioFor(), risk: {} }, 'risk: unknown key'],
    ['an unknown market source', { ...scenarioFor(), market: { source: 'magic' } }, 'market.source: '],
    ['a negative latency', { ...scenarioFor(), venue: { latency_ms: -1 } }, 'venue.latency_ms: '],
    [
      'an instrument beside the market',
      { ...scenarioFor(), instruments: { 'X/Y': defaultInstrument('X/Y') } },
      'instruments["X/Y"]: ',
    ],
    ['a list', [], 'scenario: '],
  ])('%s', (_name, content, message) => {
    const file = write(content);
    const error = refusal(file);
    expect(error.code).toBe('VALIDATION');
    expect(error.message.startsWith(`${file}: ${message}`)).toBe(true);
  });

  test('opposite sides of one instrument in a COORDINATED batch', () => {
    const sell = commandFor({ n: 2 });
    const entry_plan = { ...sell.entry_plan, direction: 'SELL' };
    const directive = { execution_policy: { mode: 'COORDINATED' } };
    const file = write(scenarioFor({ directive, commands: [command, { ...sell, entry_plan }] }));
    expect(refusal(file).path).toBe('directives[0].commands[1].entry_plan.direction');
    expect(
      loadScenario(write(scenarioFor({ commands: [command, { ...sell, entry_plan }] }))).entries,
    ).toHaveLength(1);
  });

  test('a directive id twice', () => {
    const { directives } = scenarioFor();
    const error = refusal(write({ ...scenarioFor(), directives: [...directives, ...directives] }));
    expect(error.path).toBe('directives[1].directive.directive_id');
  });

  test('too many commands, before any is parsed', () => {
    const error = refusal(write(scenarioFor({ commands: Array(10_001).fill(0) }), 'json'));
    expect(error.message).toContain('directives[0].commands: must have at most 10000 elements, not 10001');
  });

  test('the first of several findings is told, the others are counted', () => {
    const bad = (n: number) => commandFor({ n, size: '0.000001' });
    const error = refusal(write(scenarioFor({ commands: [bad(1), bad(2), bad(3)] })));
    expect(error.message).toMatch(/\(\+2 more\)$/);
    expect(error.issues).toHaveLength(3);
  });
});

describe('validateFile', () => {
  test('tells a scenario from a platform configuration', () => {
    expect(validateFile(write(scenarioFor()))).toBe('scenario');
    expect(validateFile(write({ orchestration: { plan_execution: {} } }))).toBe('platform configuration');
    expect(validateFile(write({ environment: 'paper' }))).toBe('platform configuration');
    expect(loadConfig(write({ environment: 'paper' })).environment).toBe('paper');
  });

  test('refuses a command that lacks what its scope needs; loading does not', () => {
    const { size_plan: _, ...command } = commandFor();
    const file = write(scenarioFor({ commands: [command] }));
    expect(loadScenario(file).entries).toHaveLength(1);
    expect(refusal(file, validateFile)).toMatchObject({
      code: 'SCOPE',
      message: `${file}: directives[0].commands[0].size_plan: NEW_TRADE requires size_plan`,
    });
  });

  test('accepts every packaged example', () => {
    const examples = new URL('../../examples/scenarios/', import.meta.url).pathname;
    const files = readdirSync(examples);
    expect(files).toHaveLength(14);
    expect(files.map((file) => validateFile(join(examples, file)))).toEqual(files.map(() => 'scenario'));
  });
});
