import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CausalityChainSchema,
  DispositionEnvelopeSchema,
  deepFreeze,
  ExecutionCommandSchema,
  FillwrightError,
  parseDto,
  StrategyDirectiveSchema,
  toJson,
} from '../../src/dtos/index.js';
import { pathOf } from '../../src/dtos/parse.js';
import { causality, command, directive, linesOf, routingPlan, twap } from './make.js';

function everyObject(value: unknown, visit: (object: object) => void): void {
  if (typeof value !== 'object' || value === null) return;
  visit(value);
  for (const child of Object.values(value)) everyObject(child, visit);
}

describe('parsing', () => {
  test('freezes the result down to its leaves', () => {
    const parsed = parseDto(
      ExecutionCommandSchema,
      command({ routing_plan: routingPlan({ strategy_params: twap() }) }),
      'command',
    );
    let objects = 0;
    everyObject(parsed, (object) => {
      objects += 1;
      expect(Object.isFrozen(object)).toBe(true);
    });
    expect(objects).toBeGreaterThan(8);
    expect(() => {
      (parsed as { scope: string }).scope = 'CLOSE_EXISTING';
    }).toThrow(TypeError);
  });

  test('leaves the input as it was, neither frozen nor changed', () => {
    const payload = { nested: { list: [1, { deep: true }] } };
    const input = { disposition: 'PUBLISH', event_name: 'X', event_payload: payload };
    const before = JSON.stringify(input);
    const parsed = parseDto(DispositionEnvelopeSchema, input, 'envelope');
    expect(JSON.stringify(input)).toBe(before);
    everyObject(input, (object) => expect(Object.isFrozen(object)).toBe(false));
    payload.nested.list.push(2);
    expect(parsed.event_payload).toEqual({ nested: { list: [1, { deep: true }] } });
  });

  test('parsing a result again gives an equal result', () => {
    const once = parseDto(ExecutionCommandSchema, command(), 'command');
    expect(parseDto(ExecutionCommandSchema, once, 'command')).toEqual(once);
  });

  test('null and undefined leave no trace in a nullable field', () => {
    const parsed = parseDto(
      StrategyDirectiveSchema,
      directive({ rationale: null, size_directive: undefined }),
      'directive',
    );
    expect(Object.keys(parsed)).not.toContain('rationale');
    expect(Object.keys(parsed)).not.toContain('size_directive');
  });

  test('names the root, the field and how many findings follow', () => {
    let caught: unknown;
    try {
      parseDto(
        StrategyDirectiveSchema,
        { ...directive(), confidence: '2', scope: 'OPEN' },
        'directives[0].directive',
      );
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(FillwrightError);
    const error = caught as FillwrightError;
    expect(error.code).toBe('VALIDATION');
    expect(error.message).toMatch(
      /^directives\[0\]\.directive\.scope: must be one of NEW_TRADE, .* \(\+1 more\)$/,
    );
    expect(error.path).toBe('directives[0].directive.scope');
    expect(error.issues.map((issue) => issue.path)).toEqual([
      'directives[0].directive.scope',
      'directives[0].directive.confidence',
    ]);
  });

  test.each([
    [null, 'null'],
    [undefined, 'is required'],
    [7, 'a number'],
    ['x', 'a string'],
    [[], 'an array'],
    [true, 'a boolean'],
  ])('a root of %p is told from an object', (value, name) => {
    const [line] = linesOf(StrategyDirectiveSchema, value, 'directive');
    expect(line).toBe(
      name === 'is required' ? `directive: ${name}` : `directive: must be an object, not ${name}`,
    );
  });

  test('an unknown key is reported at its own path', () => {
    const wire = directive({
      execution_policy: { mode: 'SEQUENTIAL', rollback_on_failure: true },
      metadata: {},
    });
    expect(linesOf(StrategyDirectiveSchema, wire, 'directive')).toEqual([
      'directive.execution_policy.rollback_on_failure: unknown key',
      'directive.metadata: unknown key',
    ]);
  });

  test('a key that is no identifier is quoted and cut in the path', () => {
    const key = `a b${'x'.repeat(1_000_000)}`;
    const [line] = linesOf(CausalityChainSchema, { ...causality(), [key]: 1 }, 'causality');
    expect(line).toMatch(/^causality\["a bx{61}"\]: unknown key$/);
    expect(pathOf('a', ['b', 0, 'c', '__proto__'])).toBe('a.b[0].c.__proto__');
  });

  test('a getter that throws gives a typed error with its cause', () => {
    const hostile = { ...directive() };
    Object.defineProperty(hostile, 'scope', {
      enumerable: true,
      get: () => {
        throw new RangeError('boom');
      },
    });
    expect(() => parseDto(StrategyDirectiveSchema, hostile, 'directive')).toThrow(
      expect.objectContaining({ code: 'VALIDATION', path: 'directive', cause: expect.any(RangeError) }),
    );
  });
});

describe('canonical JSON', () => {
  const json = fc.jsonValue();

  test('is JSON of the same value, whatever the order of keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = toJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(toJson(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 200 },
    );
    expect(toJson({ b: 1, a: [{ d: null, c: undefined }] })).toBe('{"a":[{"d":null}],"b":1}');
    expect(toJson({ a: 2, b: 1 })).toBe(toJson({ b: 1, a: 2 }));
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [1n], [() => 1], [Symbol('s')], [[undefined]]])(
    'refuses what JSON cannot hold (%p)',
    (value) => {
      expect(() => toJson(value)).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
    },
  );

  test('freezing twice is freezing once', () => {
    const value = { a: [{ b: 1 }] };
    expect(deepFreeze(deepFreeze(value))).toBe(value);
    expect(Object.isFrozen(value.a[0])).toBe(true);
  });
});
