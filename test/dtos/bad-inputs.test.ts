/** The catalogue of bad inputs, value by value, through the schemas a host meets. Each gives a path and takes no time. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DispositionEnvelopeSchema,
  ExecutionCommandBatchSchema,
  ExecutionCommandSchema,
  FillSchema,
  FlowCompletionSchema,
  OrderSchema,
  PositionSchema,
  parseDto,
  StrategyDirectiveSchema,
  TradeExecutedSchema,
} from '../../src/dtos/index.js';
import { decimalProblem } from '../../src/dtos/primitives.js';
import {
  causality,
  command,
  directive,
  entryPlan,
  fill,
  id,
  linesOf,
  order,
  routingPlan,
  sizePlan,
  type Wire,
} from './make.js';

const SIZE = 'command.size_plan.position_size';
const size = (position_size: unknown): string[] =>
  linesOf(ExecutionCommandSchema, command({ size_plan: sizePlan({ position_size }) }), 'command');
const symbol = (name: unknown): string[] =>
  linesOf(ExecutionCommandSchema, command({ entry_plan: entryPlan({ symbol: name }) }), 'command');
const commands = (change: Wire): string[] => linesOf(ExecutionCommandSchema, command(change), 'command');
const policy = (execution_policy: Wire): string[] =>
  linesOf(StrategyDirectiveSchema, directive({ execution_policy }), 'directive');

describe('decimals', () => {
  test.each<[unknown, string]>([
    [1.5, 'must be a decimal string, not a number'],
    [0, 'must be a decimal string, not a number'],
    [-0, 'must be a decimal string, not a number'],
    [Number.NaN, 'must be a decimal string, not a number'],
    [Number.POSITIVE_INFINITY, 'must be a decimal string, not a number'],
    [Number.NEGATIVE_INFINITY, 'must be a decimal string, not a number'],
    [10n, 'must be a decimal string, not a number'],
    [null, 'must be a decimal string, not null'],
    [undefined, 'is required'],
    [true, 'must be a decimal string'],
    [['1'], 'must be a decimal string'],
    [{ toString: () => '1' }, 'must be a decimal string'],
    [new String('1'), 'must be a decimal string'],
    ['', 'must not be empty'],
    ['NaN', 'must be a finite decimal, not NaN'],
    ['Infinity', 'must be a finite decimal, not Infinity'],
    ['-Infinity', 'must be a finite decimal, not -Infinity'],
    ['inf', 'must be a finite decimal, not inf'],
    ['-0', 'must not be negative zero'],
    ['-0.000', 'must not be negative zero'],
    ['1e3', 'must not use an exponent'],
    ['1E-7', 'must not use an exponent'],
    ['1.5e+10', 'must not use an exponent'],
    ['+1', 'must not have a leading +'],
    [' 1', 'must not contain spaces'],
    ['1 ', 'must not contain spaces'],
    ['1 000', 'must not contain spaces'],
    ['1\u00a0000', 'must not contain spaces'],
    ['1\n', 'must not contain spaces'],
    ['007', 'must not have leading zeros'],
    ['123456789012345678901', 'must have at most 20 digits'],
    ['1234567890123.12345678', 'must have at most 20 digits'],
    ['0.123456789', 'must have at most 8 decimals'],
    ['1.000000000', 'must have at most 8 decimals'],
    ['9'.repeat(1_000_000), 'must have at most 20 digits'],
    ['0', 'must be positive'],
    ['0.00000000', 'must be positive'],
    ['-1', 'must be positive'],
    ['-0.00000001', 'must be positive'],
    ['.5', 'must be a decimal string such as "0.015"'],
    ['5.', 'must be a decimal string such as "0.015"'],
    ['1,5', 'must be a decimal string such as "0.015"'],
    ['1_000', 'must be a decimal string such as "0.015"'],
    ['1.2.3', 'must be a decimal string such as "0.015"'],
    ['--1', 'must be a decimal string such as "0.015"'],
    ['0x10', 'must be a decimal string such as "0.015"'],
    ['１２', 'must be a decimal string such as "0.015"'],
    ['٣', 'must be a decimal string such as "0.015"'],
    ['1\u0000', 'must be a decimal string such as "0.015"'],
    ['\u202e1', 'must be a decimal string such as "0.015"'],
    ['$5', 'must be a decimal string such as "0.015"'],
  ])('%p is refused: %s', (value, why) => {
    expect(size(value)).toEqual([`${SIZE}: ${why}`]);
  });

  test.each(['1', '0.00000001', '12345678901234567890', '123456789012.12345678', '0.10', '1.0'])(
    '%s is accepted',
    (value) => {
      expect(size(value)).toEqual([]);
    },
  );

  test('every decimal within the digits is accepted as it stands, and one digit more is not', () => {
    const digits = (min: number, max: number): fc.Arbitrary<string> =>
      fc
        .array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max })
        .map((list) => list.join(''));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        digits(0, 11),
        digits(1, 8),
        fc.boolean(),
        (lead, rest, decimals, minus) => {
          const value = `${minus ? '-' : ''}${lead}${rest}.${decimals}`;
          expect(decimalProblem(value)).toBeNull();
          expect(decimalProblem(`${value}${'0'.repeat(9 - decimals.length)}`)).toContain('decimals');
          expect(decimalProblem(`${minus ? '-' : ''}1${'0'.repeat(20)}`)).toContain('digits');
        },
      ),
      { numRuns: 200 },
    );
  });

  test('no text but a plain decimal passes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        if (decimalProblem(value) === null) expect(value).toMatch(/^-?(0|[1-9]\d*)(\.\d{1,8})?$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('integers', () => {
  const range = 'must be between 1 and 31536000';
  test.each<[unknown, string]>([
    [0, range],
    [-1, range],
    [31_536_001, range],
    [Number.MAX_SAFE_INTEGER, range],
    [1e300, range],
    [2 ** 53, range],
    [1.5, 'must be an integer'],
    [Number.NaN, 'must be a finite integer, not NaN'],
    [Number.POSITIVE_INFINITY, 'must be a finite integer, not Infinity'],
    [-0, range],
    ['30', 'must be an integer, not a string'],
    [30n, 'must be an integer, not a bigint'],
    [true, 'must be an integer, not a boolean'],
  ])('a timeout of %p is refused: %s', (timeout_seconds, why) => {
    expect(policy({ timeout_seconds })[0]).toBe(`directive.execution_policy.timeout_seconds: ${why}`);
  });

  test('a timeout of null is no timeout', () => {
    expect(policy({ timeout_seconds: null })).toEqual([]);
  });
});

describe('symbols', () => {
  test.each(['BTC/USDT', 'BTC/USDT:USDT', 'BTC/USDT:USDT-250328', 'AAPL', 'BRK.B', '1INCH/USDT'])(
    '%s is accepted',
    (name) => {
      expect(symbol(name)).toEqual([]);
    },
  );

  test.each([
    ['lower case', 'btc/usdt'],
    ['Cyrillic В', '\u0412TC/USDT'],
    ['Greek Τ', 'B\u03a4C/USDT'],
    ['full width', 'ＢＴＣ/USDT'],
    ['right-to-left override', '\u202eTDSU/CTB'],
    ['right-to-left mark', 'BTC\u200f/USDT'],
    ['zero-width space', 'BTC\u200b/USDT'],
    ['byte order mark', '\ufeffBTC/USDT'],
    ['lone high surrogate', 'BTC\ud800/USDT'],
    ['lone low surrogate', '\udc00'],
    ['emoji', '🚀/USDT'],
    ['space', 'BTC / USDT'],
    ['line feed', 'BTC/USDT\n'],
    ['NUL', 'BTC\u0000/USDT'],
    ['two slashes', 'BTC/USDT/EUR'],
    ['no quote', 'BTC/'],
    ['no base', '/USDT'],
    ['only a dot', '.'],
    ['path', '../ETC'],
    ['a megabyte', 'A'.repeat(1_000_000)],
    ['other separator', 'BTC\u2215USDT'],
  ])('%s is refused', (_, name) => {
    expect(symbol(name)).toEqual([
      'command.entry_plan.symbol: must be BASE/QUOTE, BASE/QUOTE:SETTLE or a ticker, of A-Z 0-9 . -',
    ]);
  });

  test('base and quote differ', () => {
    expect(symbol('BTC/BTC')).toEqual(['command.entry_plan.symbol: names one asset as base and quote']);
    expect(symbol('')).toEqual(['command.entry_plan.symbol: must not be empty']);
    expect(symbol(7)).toEqual(['command.entry_plan.symbol: must be a string, not a number']);
  });
});

describe('ids and times', () => {
  test.each(['EXE_20250230_143020_b7c4d890', 'EXE_20251301_143020_b7c4d890', 'EXE_20251028_246060_b7c4d890'])(
    'the impossible date of %s is refused',
    (command_id) => {
      expect(commands({ command_id })).toEqual([
        'command.command_id: holds a date or time that does not exist',
      ]);
    },
  );

  test.each([
    '',
    'EXE_',
    'exe_20251028_143020_b7c4d890',
    'EXE_20251028_143020_b7c4d890 ',
    'ЕХЕ_20251028_143020_b7c4d890',
    `EXE_${'2'.repeat(1_000_000)}`,
  ])('the id %.30p is refused', (command_id) => {
    expect(commands({ command_id })).toEqual(['command.command_id: must match EXE_YYYYMMDD_HHMMSS_xxxxxxxx']);
  });

  test('a naive or impossible timestamp is refused', () => {
    const at = (decision_timestamp: unknown): string[] =>
      linesOf(StrategyDirectiveSchema, directive({ decision_timestamp }), 'directive');
    expect(at('2025-10-28T14:30:22')[0]).toContain(
      'directive.decision_timestamp: must be UTC with a trailing Z',
    );
    expect(at('2025-02-30T14:30:22Z')[0]).toBe('directive.decision_timestamp: is not a real date and time');
    expect(at(1761661822)[0]).toBe('directive.decision_timestamp: must be a timestamp string, not a number');
    expect(at(new Date(0))[0]).toBe('directive.decision_timestamp: must be a timestamp string');
  });
});

describe('text', () => {
  const rationale = (text: unknown): string[] =>
    linesOf(StrategyDirectiveSchema, directive({ rationale: text }), 'directive');

  test.each<[string, unknown, string]>([
    ['a lone surrogate', 'a\ud800b', 'holds a lone surrogate'],
    ['a control character', 'a\u0007b', 'holds a control character'],
    ['an escape sequence', '\u001b[2J', 'holds a control character'],
    ['too much of it', 'x'.repeat(4_001), 'must have at most 4000 characters'],
  ])('%s is refused', (_, text, why) => {
    expect(rationale(text)).toEqual([`directive.rationale: ${why}`]);
  });

  test('people may write in any language, on several lines', () => {
    expect(rationale('momentum ↑\n\tשלום 🚀')).toEqual([]);
  });

  test('planner ids are printable ASCII without spaces, at most 128', () => {
    const planner = (name: unknown): string[] =>
      linesOf(StrategyDirectiveSchema, directive({ strategy_planner_id: name }), 'directive');
    for (const name of ['', 'a b', 'naïve', 'a\n', 'x'.repeat(129)]) {
      expect(planner(name)[0]).toMatch(/^directive\.strategy_planner_id: must /);
    }
  });
});

describe('keys', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('an own key %s is refused at its path', (key) => {
    const wire = JSON.parse(`{"origin":{"id":"x","type":"TICK","${key}":{"polluted":true}}}`);
    expect(commands({ causality: wire })).toEqual([`command.causality.origin.${key}: unknown key`]);
    expect(({} as Wire)['polluted']).toBeUndefined();
  });

  test.each(['__proto__', 'constructor', 'prototype'])('%s is refused inside free JSON as well', (key) => {
    const event_payload = JSON.parse(`{"a":[{"${key}":{"polluted":true}}]}`);
    expect(linesOf(DispositionEnvelopeSchema, { disposition: 'STOP', event_payload }, 'envelope')).toEqual([
      `envelope.event_payload.a[0].${key}: is not allowed as a key`,
    ]);
  });

  test('an unknown key is refused at every level', () => {
    expect(commands({ priority: 1 })).toEqual(['command.priority: unknown key']);
    expect(commands({ size_plan: sizePlan({ unit: 'QUOTE' }) })).toEqual([
      'command.size_plan.unit: unknown key',
    ]);
  });

  test('what is missing or null is named', () => {
    expect(commands({ causality: null, scope: undefined })).toEqual([
      'command.causality: must be an object, not null',
      'command.scope: is required',
    ]);
    expect(commands({ routing_plan: routingPlan({ execution_urgency: null }) })).toEqual([
      'command.routing_plan.execution_urgency: must be a decimal string, not null',
    ]);
  });
});

describe('free JSON', () => {
  const payload = (event_payload: unknown): string[] =>
    linesOf(DispositionEnvelopeSchema, { disposition: 'STOP', event_payload }, 'envelope');

  test('a circular object ends at the depth limit', () => {
    const circle: Wire = {};
    circle['self'] = circle;
    expect(payload(circle)).toHaveLength(1);
    expect(payload(circle)[0]).toMatch(
      /^envelope\.event_payload(\.self){16}: must not be nested deeper than 16$/,
    );
  });

  test.each<[string, unknown, RegExp]>([
    ['NaN', { a: Number.NaN }, /payload\.a: must not be NaN$/],
    ['a function', { a: () => 1 }, /payload\.a: must be JSON$/],
    ['a bigint', { a: 1n }, /payload\.a: must be JSON$/],
    ['a date', { a: new Date(0) }, /payload\.a: must be JSON$/],
    ['undefined in an array', { a: [undefined] }, /payload\.a\[0\]: must be JSON$/],
    ['a map', new Map(), /payload: must be a JSON object$/],
    ['an array', [], /payload: must be a JSON object$/],
    ['a lone surrogate', { a: '\ud800' }, /payload\.a: holds a lone surrogate$/],
    ['a surrogate key', { '\ud800': 1 }, /payload\["\\ud800"\]: key holds a lone surrogate$/],
    ['a long text', { a: 'x'.repeat(5_000) }, /payload\.a: must have at most 4096 characters$/],
    ['a long key', { ['k'.repeat(200)]: 1 }, /payload\["k{64}"\]: key has more than 128 characters$/],
    ['a sparse giant', { a: new Array(100_000_000) }, /payload\.a: must not hold more than 10000 values$/],
  ])('%s is refused', (_, value, expected) => {
    expect(payload(value)).toEqual([expect.stringMatching(expected)]);
  });

  test('a bush of references is cut at 10,000 values', () => {
    let bush: unknown = { leaf: 1 };
    for (let i = 0; i < 14; i++) bush = { a: bush, b: bush, c: bush, d: bush };
    expect(payload(bush).filter((line) => line.includes('more than 10000 values'))).toHaveLength(1);
  });
});

describe('batches', () => {
  const batch = (change: Wire): string[] =>
    linesOf(
      ExecutionCommandBatchSchema,
      {
        batch_id: id('BAT'),
        directive_id: id('STR'),
        created_at: '2025-10-28T14:30:22Z',
        mode: 'SEQUENTIAL',
        ...change,
      },
      'batch',
    );

  test.each<[string, unknown, string]>([
    ['none', undefined, 'batch.commands: is required'],
    ['null', null, 'batch.commands: must be an array, not null'],
    ['an object', { length: 1 }, 'batch.commands: must be an array, not an object'],
    ['an empty list', [], 'batch.commands: must not be empty'],
    [
      '100,000 legs',
      new Array(100_000).fill({}),
      'batch.commands: must have at most 10000 elements, not 100000',
    ],
    ['a hole', [command(), undefined], 'batch.commands[1]: is required'],
    ['a null leg', [null], 'batch.commands[0]: must be an object, not null'],
  ])('%s instead of commands is refused', (_, value, line) => {
    expect(batch({ commands: value })).toEqual([line]);
  });

  test('a command id that occurs twice is refused', () => {
    expect(batch({ commands: [command({}, 1), command({ plan_id: id('TPL', 2) }, 1)] })).toEqual([
      `batch.commands[1].command_id: ${id('EXE', 1)} occurs twice in the batch`,
    ]);
  });
});

describe('orders, fills, positions and flow events', () => {
  test('valid ones parse with their defaults', () => {
    expect(parseDto(OrderSchema, order(), 'order')).toMatchObject({ reduce_only: false, post_only: false });
    expect(
      parseDto(FillSchema, fill({ commission: '-0.01', commission_asset: 'BNB' }), 'fill').commission,
    ).toBe('-0.01');
    const event = {
      directive_id: id('EXE'),
      strategy_id: 'momentum',
      scope: 'CLOSE_EXISTING',
      execution_time: '2025-10-28T14:30:22Z',
      status: 'COMPLETED',
    };
    expect(parseDto(TradeExecutedSchema, event, 'event')).toEqual({
      ...event,
      order_ids: [],
      target_trade_ids: [],
    });
  });

  test.each<[Wire, string]>([
    [{ quantity: '0' }, 'order.quantity: must be positive'],
    [{ status: 'CANCELLED' }, 'order.status: must be one of PENDING_NEW, NEW, PARTIALLY_FILLED'],
    [{ client_order_id: 'a-b' }, 'order.client_order_id: must be 1 to 32 of 0-9 A-Z a-z'],
    [{ client_order_id: 'a'.repeat(33) }, 'order.client_order_id: must be 1 to 32 of 0-9 A-Z a-z'],
    [{ side: 'SHORT' }, 'order.side: must be one of BUY, SELL'],
    [{ filled_quantity: '1' }, 'order.filled_quantity: unknown key'],
  ])('order %j is refused', (change, line) => {
    expect(linesOf(OrderSchema, order(change), 'order')[0]).toContain(line);
  });

  test.each<[Wire, string]>([
    [{ filled_quantity: '-1' }, 'fill.filled_quantity: must be positive'],
    [{ fill_price: '0' }, 'fill.fill_price: must be positive'],
    [{ commission_asset: 'bnb' }, 'fill.commission_asset: must be an asset code of A-Z 0-9 . -'],
    [{ liquidity: 'BOTH' }, 'fill.liquidity: must be one of MAKER, TAKER'],
  ])('fill %j is refused', (change, line) => {
    expect(linesOf(FillSchema, fill(change), 'fill')).toEqual([line]);
  });

  test('a position does not close before it opens', () => {
    const position = {
      trade_id: id('TPL'),
      strategy_id: 'momentum',
      symbol: 'BTC/USDT',
      direction: 'BUY',
      entry_price: '100',
      position_size: '0',
      opened_at: '2025-10-28T14:30:22Z',
    };
    expect(linesOf(PositionSchema, position, 'position')).toEqual([]);
    expect(linesOf(PositionSchema, { ...position, closed_at: '2025-10-28T14:30:21Z' }, 'position')).toEqual([
      'position.closed_at: must not be before opened_at',
    ]);
  });

  test('a flow ends in SUCCESS or ERROR', () => {
    const completion = {
      flow_id: id('EXE'),
      completion_time: '2025-10-28T14:30:22Z',
      reason: 'done',
      final_state: 'MAYBE',
    };
    expect(linesOf(FlowCompletionSchema, completion, 'flow')).toEqual([
      'flow.final_state: must be one of SUCCESS, ERROR',
    ]);
  });
});

test('any JSON at all gives a DTO or a VALIDATION error, never anything else', () => {
  const shaped = fc.record(
    {
      ...Object.fromEntries(Object.keys(command()).map((key) => [key, fc.jsonValue()])),
      causality: fc.constant(causality()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.jsonValue(), shaped), (value) => {
      for (const schema of [ExecutionCommandSchema, StrategyDirectiveSchema, DispositionEnvelopeSchema]) {
        linesOf(schema, value, 'any');
      }
    }),
    { numRuns: 300 },
  );
});
