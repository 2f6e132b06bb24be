/**
 * A host's own strategy under the built-in contract: named in commands, validated, journaled, reported; and whatever it
 * answers, its group alone pays for it (fault 36).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { custom, independent } from '../../src/builders.js';
import { FillwrightError } from '../../src/dtos/errors.js';
import { planScenario } from '../../src/runtime/plan.js';
import { loadScenario } from '../../src/runtime/scenario.js';
import { runScenario } from '../../src/runtime/simulation.js';
import { reportOf } from '../../src/runtime/report/execution-report.js';
import { parseJournal } from '../../src/journal/index.js';
import type { Decision, PlannedOrder } from '../../src/strategies/contract.js';
import { type CustomStrategy, defineStrategy } from '../../src/strategies/registry.js';
import { BTC, batch, codeOf, coordinated, ETH, leg, Rig, T0 } from './rig.js';
import { commandFor, scenarioFor } from './scenario-files.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fillwright-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const ORDER: PlannedOrder = {
  ...{ quantity: 5, orderType: 'LIMIT', timeInForce: 'GTC', price: '100' },
  ...{ stopPrice: null, postOnly: false, reduceOnly: false },
};
const NOTHING: Decision<unknown> = { state: {}, orders: [], wakeAt: null, exhausted: false, deferred: false };
const Own = z.strictObject({ parts: z.number().int().positive(), tags: z.array(z.string()).default([]) });

/** Places its target in equal parts, one after the other. */
const parts = defineStrategy({
  name: 'PARTS',
  params: (own) => Own.parse(own),
  asksOnOrderEnd: true,
  duration: ({ duration_seconds: seconds }) => (seconds === undefined ? null : seconds * 1000),
  check({ target, params }) {
    if (target % params.parts !== 0) throw new Error(`${target} lots do not part in ${params.parts}`);
  },
  initial: () => ({ sent: 0 }),
  decide({ target, params }, { sent }): Decision<{ sent: number }> {
    const orders = [{ ...ORDER, quantity: target / params.parts }];
    return {
      state: { sent: sent + 1 },
      orders,
      wakeAt: null,
      exhausted: sent + 1 === params.parts,
      deferred: false,
    };
  },
  schedule: ({ target, params, startedAt }) =>
    Array.from({ length: params.parts }, () => ({
      at: startedAt,
      quantity: target / params.parts,
      price: '100',
    })),
});

/** PARTS with another answer. */
const faulty = (change: Partial<CustomStrategy>): CustomStrategy =>
  defineStrategy({ ...(parts as CustomStrategy), ...change });

const open = (strategies: readonly CustomStrategy[] = [parts], host?: 'pure' | 'actors') =>
  Rig.open({ more: { strategies }, ...(host === undefined ? {} : { host }) });
const own = (params: object = { parts: 2 }, more: object = {}) =>
  leg({ params: { strategy: 'PARTS', ...params }, ...more });

const refusalOf = async (rig: Rig, command: ReturnType<typeof leg>): Promise<string> => {
  const error = await rig.submit(batch([command])).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof FillwrightError ? `${error.code} ${error.message}` : String(error);
};
const PARAMS = 'commands[0].routing_plan.strategy_params';

describe("a host's strategy", () => {
  test.each(['actors', 'pure'] as const)('works its target, under its own name (%s)', async (host) => {
    const rig = await open([parts], host);
    rig.venue.fillsAll();
    const handle = await rig.submit(batch([own()]));
    const result = await handle.result();
    expect([result.status, result.legs[0]?.filledQuantity]).toEqual(['COMPLETED', '1']);
    expect(rig.venue.places.map(({ quantity }) => quantity)).toEqual(['0.5', '0.5']);
    expect(rig.group().execution_strategy).toBe('PARTS');
    expect(rig.events('GROUP_CREATED')[0]).toMatchObject({
      strategy: 'PARTS',
      strategyParams: { strategy: 'PARTS', parts: 2, tags: [], on_reject: 'STOP', order_type: 'MARKET' },
    });
  });

  test('may be an instance of a class, and keeps its memory to itself', async () => {
    class Halves implements Pick<CustomStrategy, 'name' | 'asksOnOrderEnd'> {
      readonly name = 'PARTS';
      readonly asksOnOrderEnd = true;
      duration() {
        return null;
      }
      check() {}
      initial() {
        return { sent: 0 };
      }
      half({ target }: { readonly target: number }) {
        return target / 2;
      }
      decide(context: { readonly target: number }, state: unknown): Decision<unknown> {
        const sent = (state as { readonly sent: number }).sent + 1;
        const orders = [{ ...ORDER, quantity: this.half(context), note: 'not of the contract' }];
        return { ...NOTHING, state: { sent }, orders, exhausted: sent === 2 };
      }
      schedule() {
        return [];
      }
    }
    const rig = await open([new Halves()]);
    rig.venue.fillsAll();
    await rig.submit(batch([own({})]));
    expect(rig.statuses()).toEqual(['COMPLETED']);
    expect(rig.lines().join('')).not.toContain('not of the contract');
  });

  test('writes one journal under both hosts', async () => {
    const lines = async (host: 'actors' | 'pure') => {
      const rig = await open([parts], host);
      rig.venue.fillsAll();
      await rig.submit(batch([own()]));
      return rig.lines();
    };
    expect(await lines('actors')).toEqual(await lines('pure'));
  });

  test('has its schedule in the report of those who know it, and what happened in that of all', async () => {
    const rig = await open();
    rig.venue.fillsAll();
    await rig.submit(batch([own()]));
    const { records } = parseJournal(
      rig
        .lines()
        .map((line) => `${line}\n`)
        .join(''),
    );
    const [known] = reportOf(records, { strategies: [parts] }).batches[0]?.groups ?? [];
    const [unknown] = reportOf(records).batches[0]?.groups ?? [];
    expect(known?.schedule.map(({ cumulative }) => cumulative)).toEqual(['1']);
    expect([unknown?.schedule, unknown?.filled_quantity]).toEqual([[], '1']);
  });

  test('is built by its name, with what it takes', async () => {
    const rig = await open();
    rig.venue.fillsAll();
    const built = independent(
      { a: custom({ symbol: BTC, side: 'BUY', quantity: '1', strategy: 'PARTS', params: { parts: 2 } }) },
      { at: '2025-01-06T09:00:00Z', seed: 's' },
    );
    expect(built.legs.a.strategy).toBe('PARTS');
    await rig.submit(built);
    expect(rig.statuses()).toEqual(['COMPLETED']);
  });

  test('is of the runtime that it was given to, and of no other', async () => {
    await open();
    const other = await Rig.open();
    expect(await refusalOf(other, own())).toContain(`VALIDATION ${PARAMS}.strategy: must be one of SINGLE`);
  });

  test('is found by preferred_execution_style, which cannot tell what it takes', async () => {
    const rig = await open();
    const styled = (style: string) => leg({ routing: { preferred_execution_style: style } });
    expect(await refusalOf(rig, styled('PARTS'))).toContain('PLAN_INFEASIBLE');
    expect(await refusalOf(rig, styled('SNIPER'))).toMatch(
      /^STRATEGY_UNAVAILABLE commands\[0\]\.routing_plan\.preferred_execution_style: .*LAYERED, PARTS are/,
    );
  });
});

describe('what a host gives is refused', () => {
  test.each([
    ['SINGLE', 'strategies[0].name: SINGLE is built in'],
    ['parts', 'strategy.name: must be upper case'],
  ])('as the name %s', async (name, message) => {
    const strategy = { ...(parts as CustomStrategy), name };
    await expect(open([strategy])).rejects.toThrow(message);
    expect(await codeOf(open([strategy]))).toBe('USAGE');
  });

  test('as a name given twice, and as no strategy at all', async () => {
    await expect(open([parts, parts])).rejects.toThrow('strategies[1].name: PARTS is installed already');
    await expect(open([{ name: 'X' } as CustomStrategy])).rejects.toThrow('strategy.duration: of X must be');
  });

  test.each([
    [{ parts: 0 }, `VALIDATION ${PARAMS}.parts: `],
    [{}, `VALIDATION ${PARAMS}.parts: `],
    [{ parts: 2, tags: ['a', 7] }, `VALIDATION ${PARAMS}.tags[1]: `],
    [{ parts: 2, on_reject: 'MAYBE' }, `VALIDATION ${PARAMS}.on_reject: must be one of`],
    [{ parts: 2, order_type: 'LIMIT' }, `VALIDATION ${PARAMS}.order_type: differs from entry_plan`],
    [{ parts: 2, limit_price: '100.001' }, `PRICE_OFF_TICK ${PARAMS}.limit_price: `],
    [{ parts: 2, dept: 1 }, `VALIDATION ${PARAMS}.dept: unknown key`],
    [{ parts: 3 }, `PLAN_INFEASIBLE ${PARAMS}: 10 lots do not part in 3`],
    [{ parts: Number.NaN }, 'VALIDATION JSON cannot hold NaN'],
  ])('as the parameters %p', async (params, message) => {
    const rig = await open();
    expect(await refusalOf(rig, own(params))).toContain(message);
    expect(rig.events('BATCH_CREATED')).toEqual([]);
  });

  test('as parameters of a strategy that takes none', async () => {
    const { params: _, ...bare } = parts as CustomStrategy;
    const rig = await open([defineStrategy({ ...bare, check() {} })]);
    expect(await refusalOf(rig, own({ depth: 1 }))).toBe(`VALIDATION ${PARAMS}.depth: unknown key`);
  });
});

const answers = (change: object): Partial<CustomStrategy> => ({
  decide: () => ({ ...NOTHING, ...change }) as Decision<unknown>,
});
const placing = (change: object): Partial<CustomStrategy> =>
  answers({ orders: [{ ...ORDER, ...change }], exhausted: true });
const throwing = (): never => {
  throw new Error('boom');
};

const FAULTS: readonly (readonly [string, Partial<CustomStrategy>, string])[] = [
  ['throws in decide', { decide: throwing }, 'decide threw: boom'],
  ['throws in initial', { initial: throwing }, 'initial threw: boom'],
  [
    'writes into what it is given',
    { decide: ({ instrument }) => Object.assign(instrument, { lotSize: '9' }) as never },
    'decide threw: Cannot assign',
  ],
  ['places an order that is none', answers({ orders: [null] }), 'decide threw: '],
  ['cancels and places at once', answers({ cancels: true, orders: [ORDER] }), 'orders beside cancels'],
  ['says MAYBE', answers({ exhausted: 'MAYBE' }), 'exhausted and deferred must be true or false'],
  ['shows more than it orders', placing({ displayQuantity: 6 }), 'displayQuantity 6'],
  ['stops without a stop', placing({ orderType: 'STOP_LIMIT' }), 'stopPrice null of a STOP_LIMIT'],
  ['answers a promise', { decide: (async () => NOTHING) as never }, 'decide answered no decision'],
  ['answers nothing', { decide: (() => undefined) as never }, 'decide answered no decision'],
  ['orders NaN lots', placing({ quantity: Number.NaN }), 'an order of NaN lots'],
  ['orders negative lots', placing({ quantity: -1 }), 'an order of -1 lots'],
  ['orders half a lot', placing({ quantity: 0.5 }), 'an order of 0.5 lots'],
  ['orders beyond its room', placing({ quantity: 11 }), '11 lots where 10 are left'],
  ['orders beyond its room in all', answers({ orders: [ORDER, ORDER, ORDER] }), '15 lots where 10 are left'],
  ['orders without end', answers({ orders: { length: 1e9 } }), 'decide answered no decision'],
  ['orders too many at once', answers({ orders: new Array(201).fill(ORDER) }), '201 orders at once'],
  ['prices in numbers', placing({ price: 100 }), 'price 100 is no positive decimal string'],
  ['prices at 0', placing({ price: '0' }), 'price 0 is no positive decimal string'],
  ['prices off the tick', placing({ price: '100.001' }), 'price 100.001 is not a multiple of the tick'],
  ['prices beyond the slippage bound', placing({ price: '101.01' }), 'beyond max_slippage_pct, 101'],
  ['orders MARKET', placing({ orderType: 'MARKET' }), 'orderType MARKET'],
  ['wakes at no time', answers({ wakeAt: Number.NaN }), 'wakeAt NaN'],
  ['wakes at once, for ever', answers({ wakeAt: T0 }), `wakeAt ${T0} is no whole millisecond after now`],
  ['keeps what JSON cannot', answers({ state: { n: Number.NaN } }), 'a state that JSON cannot hold'],
  ['watches nonsense', answers({ watch: { price: 'MID', above: '1', below: null } }), 'no price band'],
];

describe('a strategy at fault', () => {
  test.each(FAULTS)('that %s ends its group FAILED, and nothing else', async (_name, change, fault) => {
    const rig = await open([faulty(change)]);
    rig.venue.fillsAll();
    const bad = await rig.submit(batch([own(), leg({ n: 2, symbol: ETH })]));
    const result = await bad.result();
    expect(result.legs.map(({ status, reason }) => [status, reason])).toEqual([
      ['FAILED', 'strategy_fault'],
      ['COMPLETED', 'target_reached'],
    ]);
    expect(rig.events('GROUP_SETTLED').find(({ status }) => status === 'FAILED')?.detail).toContain(fault);
    const alert = rig.alerts.find(({ code }) => code === 'STRATEGY_FAULT')?.message;
    expect(alert).toContain('PARTS: ');
    expect(alert).toContain(fault);
    // The runtime takes what comes next.
    await rig.submit(batch([leg({ n: 3 })]));
    expect(rig.statuses()).toEqual(['FAILED', 'COMPLETED', 'COMPLETED']);
    expect(rig.codes()).not.toContain('HALTED');
  });

  test('cancels what it has open and keeps what has filled', async () => {
    const second = faulty({
      decide: (context, state, ...rest) => {
        const { sent } = state as { readonly sent: number };
        return sent === 0 ? (parts as CustomStrategy).decide(context, state, ...rest) : throwing();
      },
    });
    const rig = await open([second]);
    rig.venue.rests();
    await rig.submit(batch([own()]));
    const [first] = rig.venue.places;
    await rig.at((venue) => venue.fill(first?.clientOrderId ?? '', '0.5', '100'));
    expect(rig.group()).toMatchObject({ status: 'FAILED', filled_quantity: '0.5', reason: 'strategy_fault' });
    expect(rig.events('INCIDENT')).toEqual([]);
  });

  test('fails its COORDINATED siblings, whose fills are sent back', async () => {
    const rig = await open([faulty({ decide: throwing })]);
    rig.venue.fillsAll();
    const handle = await rig.submit(coordinated([leg({ n: 2, symbol: ETH }), own()]));
    expect((await handle.result()).status).toBe('FAILED');
    expect(rig.positions()).toEqual({});
  });

  test('is refused at submit where it cannot say how long it runs or whether it can', async () => {
    const rig = await open([faulty({ check: throwing })]);
    expect(await refusalOf(rig, own())).toBe(`PLAN_INFEASIBLE ${PARAMS}: boom`);
    const endless = await open([faulty({ duration: () => Number.NaN })]);
    await endless.submit(batch([own()]));
    expect(endless.group()).toMatchObject({ status: 'FAILED', reason: 'strategy_fault' });
    expect(endless.events('GROUP_SETTLED')[0]?.detail).toContain('duration answered NaN');
  });

  test('that answers every end with another order comes to an end', async () => {
    const rig = await open(
      [faulty(placing({ quantity: 1, timeInForce: 'IOC' }))].map((s) => ({ ...s, asksOnOrderEnd: true })),
    );
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.expired(clientOrderId);
    const handle = await rig.submit(batch([own({ parts: 2 })]));
    expect((await handle.result()).legs[0]?.status).toBe('CANCELLED');
  });
});

describe('a scenario that names it', () => {
  const scenario = (params: object, strategies: readonly CustomStrategy[] = [parts]) => {
    const strategy_params = { strategy: 'PARTS', limit_price: '70000', ...params };
    const entry = { order_type: 'LIMIT', limit_price: '70000' };
    const file = join(dir, 'scenario.json');
    const commands = [commandFor({ size: '0.4', entry, routing: { strategy_params } })];
    writeFileSync(file, JSON.stringify(scenarioFor({ commands })));
    return loadScenario(file, { strategies });
  };

  test('is planned and run with it', async () => {
    const loaded = scenario({ parts: 2 });
    expect(planScenario(loaded).batches[0]?.groups[0]).toMatchObject({
      strategy: 'PARTS',
      slices: [{ quantity: '0.2' }, { quantity: '0.2' }],
    });
    const { projection } = await runScenario(loaded);
    expect(projection.batches()[0]?.groups[0]).toMatchObject({
      strategy: 'PARTS',
      orders: [{ price: '100', quantity: '0.2' }],
    });
  });

  test('is refused by its parameters and by its plan, with file and path', () => {
    const at = 'directives[0].commands[0].routing_plan.strategy_params';
    expect(() => scenario({ parts: 0 })).toThrow(`scenario.json: ${at}.parts: `);
    expect(() => planScenario(scenario({ parts: 3 }))).toThrow(
      `scenario.json: ${at}: 40000 lots do not part in 3`,
    );
    expect(() => scenario({ parts: 2 }, [])).toThrow(`scenario.json: ${at}.strategy: must be one of SINGLE`);
  });

  test.each([
    ['too much', [{ at: T0, quantity: 40_001, price: null }], 'comes to 40001 lots of 40000'],
    ['NaN', [{ at: T0, quantity: Number.NaN, price: null }], 'has NaN lots'],
    ['no time', [{ at: Number.NaN, quantity: 1, price: null }], 'has 1 lots at NaN'],
    ['nothing at all', undefined, 'is no list of slices'],
  ])('is refused when its schedule is %s', (_name, slices, message) => {
    const strategy = faulty({ schedule: () => slices as never });
    expect(() => planScenario(scenario({ parts: 2 }, [strategy]))).toThrow(
      `the schedule of PARTS ${message}`,
    );
  });
});
