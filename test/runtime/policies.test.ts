/** Each value of platform.yaml's `plan_execution` does something that can be seen from outside. */
import { type Attributes, type MeterProvider, metrics } from '@opentelemetry/api';
import { describe, expect, test } from '@jest/globals';
import type { LedgerEntry, RuntimeEvent } from '../../src/dtos/events.js';
import { createMemoryJournal } from '../../src/journal/index.js';
import { createMemoryLedger } from '../../src/ledger/memory.js';
import type { Journal } from '../../src/ports/journal.js';
import type { Ledger } from '../../src/ports/ledger.js';
import { audit, BTC, batch, codeOf, coordinated, ETH, leg, modify, Rig, T0 } from './rig.js';

const TWAP = { strategy: 'TWAP', duration_seconds: 100, slices: 10 };

describe('on_api_failure', () => {
  /** A position with a stop at 90; a command that wants a stop at 95 and more size, whose order is refused. */
  async function refusedModify(on_api_failure?: string) {
    const ledger = createMemoryLedger();
    const rig = await Rig.open({
      plan: on_api_failure === undefined ? {} : { error_handling: { on_api_failure } },
      more: { ledger },
    });
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1, exit: { stop: '90' } })]));
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.reject(clientOrderId, 'margin');
    await rig.submit(batch([modify(1, { size: '2', exit: { stop: '95' } })]));
    const kinds = ledger.entries.map(({ kind, stopLoss }) =>
      stopLoss === undefined ? kind : `${kind} ${stopLoss}`,
    );
    const isAlerted = rig.codes().includes('EXECUTION_FAILED');
    expect(audit(rig)).toEqual([]);
    return { stop: rig.runtime.positions()[0]?.stop_loss, kinds, isAlerted, ledger };
  }

  test('rollback_ledger appends an entry that reverses what the command changed, and alerts', async () => {
    const { stop, kinds, isAlerted, ledger } = await refusedModify('rollback_ledger');
    expect(kinds).toEqual(['PROTECTION 90', 'FILL', 'PROTECTION 95', 'REVERSAL 90']);
    expect(ledger.entries[3]?.reverses).toBe(ledger.entries[2]?.entryId);
    expect([stop, isAlerted]).toEqual(['90', true]);
  });

  test('alert_only leaves the ledger as it is, and alerts', async () => {
    const { stop, kinds, isAlerted } = await refusedModify('alert_only');
    expect(kinds).toEqual(['PROTECTION 90', 'FILL', 'PROTECTION 95']);
    expect([stop, isAlerted]).toEqual(['95', true]);
  });

  test('continue leaves the ledger as it is and tells nobody', async () => {
    const { stop, isAlerted } = await refusedModify('continue');
    expect([stop, isAlerted]).toEqual(['95', false]);
  });

  test('is rollback_ledger unless told', async () => {
    expect((await refusedModify()).stop).toBe('90');
  });

  test('has no say in a command that was called off: its change of stop is reversed all the same', async () => {
    const rig = await Rig.open({ plan: { error_handling: { on_api_failure: 'continue' } } });
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1, exit: { stop: '90' } })]));
    rig.venue.rests();
    const handle = await rig.submit(batch([modify(1, { size: '2', exit: { stop: '95' } })]));
    await handle.cancel('changed my mind');
    await rig.settle();
    expect(rig.runtime.positions()[0]?.stop_loss).toBe('90');
  });
});

describe('on_ledger_failure', () => {
  const broken = (): Ledger & { readonly posts: LedgerEntry[] } => {
    const posts: LedgerEntry[] = [];
    return {
      posts,
      post(entry) {
        posts.push(entry);
        throw new Error('ledger is read-only');
      },
    };
  };

  async function run(on_ledger_failure: string, ledger: Ledger = broken()) {
    const rig = await Rig.open({ plan: { error_handling: { on_ledger_failure } }, more: { ledger } });
    rig.venue.fillsAll();
    const handle = await rig.submit(batch([leg({ params: TWAP })]));
    await rig.pass(100_000);
    expect(audit(rig)).toEqual([]);
    return { rig, result: await handle.result(), places: rig.venue.places.length };
  }

  test('alert_admin alerts for each entry and trades on', async () => {
    const { rig, result, places } = await run('alert_admin');
    expect(result.status).toBe('COMPLETED');
    expect(places).toBe(10);
    expect(rig.events('LEDGER_FAILED')).toHaveLength(10);
    expect(rig.codes().filter((code) => code === 'LEDGER_FAILED')).toHaveLength(10);
  });

  test('rollback_api stops the batch', async () => {
    const { result, places } = await run('rollback_api');
    expect(result).toMatchObject({ status: 'PARTIAL', reason: 'execution_error' });
    expect(places).toBe(1);
  });

  test('rollback_api sends fills back where the policy of a COORDINATED batch says so', async () => {
    const rig = await Rig.open({
      plan: { error_handling: { on_ledger_failure: 'rollback_api' } },
      more: { ledger: broken() },
    });
    rig.venue.onPlace = ({ clientOrderId, symbol }) =>
      symbol === BTC ? rig.venue.fill(clientOrderId) : rig.venue.ack(clientOrderId);
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    const handle = await rig.submit(coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH, limit: '90' })]));
    expect(await handle.result()).toMatchObject({
      status: 'FAILED',
      reason: 'execution_error',
      residuals: [],
    });
    expect(rig.venue.places.map(({ symbol, side }) => `${side} ${symbol}`)).toEqual([
      `BUY ${BTC}`,
      `BUY ${ETH}`,
      `SELL ${BTC}`,
    ]);
  });

  test('continue only records the failure, and marks the run UNSAFE', async () => {
    const { rig, result } = await run('continue');
    expect(result.status).toBe('COMPLETED');
    expect(rig.events('LEDGER_FAILED')).toHaveLength(10);
    expect(rig.codes()).not.toContain('LEDGER_FAILED');
    const settings = rig.events('RUNTIME_UNSAFE').map(({ setting }) => setting);
    expect(settings.some((setting) => setting.includes('on_ledger_failure: continue'))).toBe(true);
  });

  test('takes a rejected promise as it takes a throw', async () => {
    const ledger: Ledger = { post: () => Promise.reject(new Error('offline')) };
    const { rig } = await run('alert_admin', ledger);
    expect(rig.events('LEDGER_FAILED')[0]).toMatchObject({ error: 'offline', policy: 'alert_admin' });
  });
});

describe('on_journal_failure', () => {
  /** Fails every commit once `fails` is set. */
  function breakable(isAsync = false): Journal & { fails: boolean; readonly memory: Journal } {
    const memory = createMemoryJournal();
    const journal = {
      fails: false,
      memory,
      append: (line: string) => memory.append(line),
      commit(): void | Promise<void> {
        if (!this.fails) return memory.commit();
        if (isAsync) return Promise.reject(new Error('disk full'));
        throw new Error('disk full');
      },
      lines: () => memory.lines(),
      close: () => memory.close(),
    };
    return journal;
  }

  async function run(on_journal_failure: string, isAsync = false) {
    const journal = breakable(isAsync);
    const rig = await Rig.open({ plan: { error_handling: { on_journal_failure } }, journal });
    rig.venue.rests();
    const handle = await rig.submit(batch([leg({ params: { ...TWAP, order_type: 'LIMIT' }, limit: '99' })]));
    await rig.pass(10_000);
    expect(rig.venue.places).toHaveLength(2);
    journal.fails = true;
    await rig.pass(90_000);
    return { rig, handle };
  }

  test.each([false, true])(
    'fail_execution opens nothing more and cancels what is open (async: %s)',
    async (isAsync) => {
      const { rig, handle } = await run('fail_execution', isAsync);
      expect(rig.venue.places).toHaveLength(2);
      expect(rig.venue.cancels.filter((id) => rig.venue.places.some((p) => p.clientOrderId === id))).toEqual(
        expect.arrayContaining([rig.venue.id(0), rig.venue.id(1)]),
      );
      expect(rig.codes()).toContain('JOURNAL');
      expect(
        await codeOf(rig.runtime.submit(batch([leg({ n: 2 })]).directive, batch([leg({ n: 2 })]).commands)),
      ).toBe('JOURNAL');
      expect(await codeOf(handle.result())).toBe('JOURNAL');
      expect(await codeOf(handle.cancel('stop'))).toBe('JOURNAL');
    },
  );

  test('continue goes on without a journal and without an alert, UNSAFE', async () => {
    const { rig } = await run('continue');
    expect(rig.venue.places).toHaveLength(10);
    expect(rig.codes()).not.toContain('JOURNAL');
  });

  test('alert_admin goes on as well, with an alert', async () => {
    const { rig } = await run('alert_admin');
    expect(rig.venue.places).toHaveLength(10);
    expect(rig.codes()).toContain('JOURNAL');
  });

  test.each(['continue', 'alert_admin'])('%s marks the run UNSAFE', async (on_journal_failure) => {
    const rig = await Rig.open({ plan: { error_handling: { on_journal_failure } } });
    await rig.settle();
    const settings = rig.events('RUNTIME_UNSAFE').map(({ setting }) => setting);
    expect(settings.some((setting) => setting.includes(`on_journal_failure: ${on_journal_failure}`))).toBe(
      true,
    );
  });

  test('a journal whose append throws fails like one whose commit does', async () => {
    const journal = breakable();
    const rig = await Rig.open({
      plan: { error_handling: { on_journal_failure: 'fail_execution' } },
      journal,
    });
    await rig.settle();
    journal.append = () => {
      throw new Error('buffer gone');
    };
    expect(await codeOf(rig.runtime.submit(batch([leg()]).directive, batch([leg()]).commands))).toBe(
      'JOURNAL',
    );
    expect(rig.venue.places).toEqual([]);
    expect(rig.codes()).toContain('JOURNAL');
  });
});

describe('retry_policy', () => {
  async function attempts(retry_policy: object): Promise<{ times: number[]; rig: Rig }> {
    const rig = await Rig.open({ plan: { retry_policy } });
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.reject(clientOrderId, 'rate limit', true);
    await rig.submit(batch([leg()]));
    await rig.pass(60_000);
    expect(audit(rig)).toEqual([]);
    return { times: rig.venue.times('PLACE', T0), rig };
  }

  test.each([
    ['linear', [0, 100, 300, 600, 1000]],
    ['exponential', [0, 100, 300, 700, 1500]],
    ['constant', [0, 100, 200, 300, 400]],
  ])('backs off %s', async (backoff_strategy, times) => {
    const policy = { max_retries: 4, backoff_strategy, initial_delay_ms: 100, max_delay_ms: 5000 };
    expect((await attempts(policy)).times).toEqual(times);
  });

  test('never waits longer than max_delay_ms', async () => {
    const policy = {
      max_retries: 5,
      backoff_strategy: 'exponential',
      initial_delay_ms: 100,
      max_delay_ms: 250,
    };
    expect((await attempts(policy)).times).toEqual([0, 100, 300, 550, 800, 1050]);
  });

  test('ends the command after max_retries, each attempt under an id of its own', async () => {
    const { rig } = await attempts({ max_retries: 2 });
    expect(new Set(rig.venue.places.map(({ clientOrderId }) => clientOrderId)).size).toBe(3);
    expect(rig.events('ORDER_INTENT').map(({ slot, attempt }) => [slot, attempt])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    expect(rig.group()).toMatchObject({ status: 'FAILED', reason: 'execution_error' });
  });

  test('does not retry a definitive refusal', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.reject(clientOrderId, 'no such account');
    await rig.submit(batch([leg()]));
    await rig.pass(60_000);
    expect(rig.venue.places).toHaveLength(1);
  });

  test('gives a retry up when the batch is canceled while it waits', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.reject(clientOrderId, 'rate limit', true);
    const handle = await rig.submit(batch([leg()]));
    await handle.cancel('enough');
    await rig.pass(60_000);
    expect(rig.venue.places).toHaveLength(1);
    expect((await handle.result()).status).toBe('CANCELLED');
    expect(audit(rig)).toEqual([]);
  });
});

describe('timeout_seconds', () => {
  test.each([
    [30, undefined],
    [7, { timeout_seconds: 7 }],
  ])('is how long a venue may take to answer: %i s', async (seconds, plan) => {
    const rig = await Rig.open(plan === undefined ? {} : { plan });
    await rig.submit(batch([leg()]));
    await rig.pass(seconds * 1000 - 1);
    expect(rig.events('ORDER_UNKNOWN')).toEqual([]);
    await rig.pass(1);
    expect(rig.events('ORDER_UNKNOWN').map(({ at }) => at - T0)).toEqual([seconds * 1000]);
  });
});

describe('monitoring', () => {
  test.each([
    [1000, false],
    [1001, true],
  ])('an acknowledgement after %i ms is slow: %s', async (ms, isSlow) => {
    const rig = await Rig.open();
    await rig.submit(batch([leg({ limit: '99' })]));
    await rig.pass(ms);
    await rig.at((venue) => venue.ack(venue.id()));
    expect(rig.codes().includes('SLOW_EXECUTION')).toBe(isSlow);
  });

  test('measures slowness to the first acknowledgement, not to the report that names the venue id', async () => {
    const rig = await Rig.open();
    await rig.submit(batch([leg({ limit: '99' })]));
    await rig.at((venue) => venue.report({ type: 'NEW', clientOrderId: venue.id() }));
    await rig.pass(3_600_000);
    await rig.at((venue) => venue.fill(venue.id(), '0.1'));
    expect(rig.codes()).not.toContain('SLOW_EXECUTION');
    expect(rig.group().order_ids).toEqual([`V-${rig.venue.id()}`]);
  });

  test.each([
    [true, ['SUCCESS', 'ERROR']],
    [false, ['ERROR']],
  ])('log_all_executions %s: flows$ tells of %j', async (log_all_executions, told) => {
    const rig = await Rig.open({ plan: { monitoring: { log_all_executions } } });
    const outcomes: string[] = [];
    rig.runtime.flows$.subscribe(({ outcome }) => outcomes.push(outcome));
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1 })]));
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.reject(clientOrderId);
    await rig.submit(batch([leg({ n: 2 })]));
    expect(outcomes).toEqual(told);
  });

  test.each([true, false])(
    'metrics_enabled %s: counts orders, fills, batches and flows',
    async (metrics_enabled) => {
      const counts = new Map<string, number>();
      const counter = (name: string) => ({
        add: (n: number, attributes?: Attributes) => {
          const key = [name, ...Object.values(attributes ?? {})].join(' ');
          counts.set(key, (counts.get(key) ?? 0) + n);
        },
      });
      const record = (name: string) => ({ record: (ms: number) => counts.set(name, ms) });
      const provider = { getMeter: () => ({ createCounter: counter, createHistogram: record }) };
      metrics.setGlobalMeterProvider(provider as unknown as MeterProvider);
      try {
        const rig = await Rig.open({ plan: { monitoring: { metrics_enabled } } });
        await rig.submit(batch([leg()]));
        await rig.pass(40);
        await rig.at((venue) => venue.fill(venue.id()));
      } finally {
        metrics.disable();
      }
      const told = {
        'fillwright.orders SENT': 1,
        'fillwright.orders FILLED': 1,
        'fillwright.fills BUY false': 1,
        'fillwright.groups COMPLETED': 1,
        'fillwright.batches COMPLETED': 1,
        'fillwright.flow.duration': 40,
      };
      expect(Object.fromEntries(counts)).toEqual(metrics_enabled ? told : {});
    },
  );
});

describe('the rest of the configuration', () => {
  test('enabled: false refuses every directive', async () => {
    const rig = await Rig.open({ plan: { enabled: false } });
    expect(await codeOf(rig.submit(batch([leg()])))).toBe('CONFIG');
  });

  test('a profile is in force in its environment alone', async () => {
    for (const [environment, seconds] of [
      ['paper', 7],
      ['backtest', 30],
    ] as const) {
      const profiles = { paper: { plan_execution: { timeout_seconds: 7 } } };
      const rig = await Rig.open({ more: { config: { environment, profiles } } });
      await rig.submit(batch([leg()]));
      await rig.pass(60_000);
      expect(rig.events('ORDER_UNKNOWN')[0]?.at).toBe(T0 + seconds * 1000);
      expect(rig.events('RUNTIME_OPENED')).toMatchObject([{ environment }]);
    }
  });

  test('live refuses what is safe in simulation only', async () => {
    expect(await codeOf(Rig.open({ environment: 'live' }))).toBe('resolved');
    const unsafe = { error_handling: { on_journal_failure: 'continue' } };
    expect(await codeOf(Rig.open({ environment: 'live', plan: unsafe }))).toBe('CONFIG');
  });

  test('max_commands_per_batch bounds a batch', async () => {
    const rig = await Rig.open({ orchestration: { limits: { max_commands_per_batch: 2 } } });
    const legs = [1, 2, 3].map((n) => leg({ n }));
    expect(await codeOf(rig.submit(batch(legs)))).toBe('VALIDATION');
    expect(await codeOf(rig.submit(batch(legs.slice(1))))).toBe('resolved');
  });

  test('an event stream without observers costs nothing and loses nothing in the journal', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    const late: RuntimeEvent[] = [];
    await rig.submit(batch([leg()]));
    rig.runtime.events$.subscribe((event) => late.push(event));
    expect(late).toEqual([]);
    expect(rig.seen).toEqual(rig.all().slice(rig.all().length - rig.seen.length));
  });
});
