/**
 * Protection under any order of events: entries fill, stops and targets are hit, answers are lost or late, orders are
 * refused, trades are closed, moved and killed. At every step what protects a trade is at most what the trade holds,
 * by the venue's own truth; in the end it is all of it, and a price through the stop leaves nothing.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import { PositionVenue } from '../support/position-venue.js';
import { audit, BTC, batch, close, leg, modify, Rig, T0, tradeId } from './rig.js';

const RUNS = 1000;
const CALM_MS = 120_000;

type Action =
  | { readonly do: 'fill'; readonly trade: number; readonly lots: number }
  | { readonly do: 'price'; readonly at: number }
  | { readonly do: 'bust'; readonly of: number }
  | { readonly do: 'drop'; readonly of: number }
  | { readonly do: 'mood'; readonly mood: 'thin' | 'slow' | 'lazy' }
  | {
      readonly do: 'lose';
      readonly what: 'lostRequests' | 'lostAnswers' | 'refusals';
      readonly times: number;
    }
  | { readonly do: 'flush' | 'kill' | 'rearm' }
  | { readonly do: 'cancelBatch'; readonly trade: number }
  | { readonly do: 'close'; readonly trade: number }
  | { readonly do: 'size'; readonly trade: number; readonly lots: number }
  | { readonly do: 'exits'; readonly trade: number; readonly stop: number; readonly take: number }
  | { readonly do: 'pass'; readonly ms: number };

const trade = fc.constantFrom(1, 2);
const ACTION: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('fill' as const), trade, lots: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('price' as const), at: fc.integer({ min: -8, max: 8 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), of: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bust' as const), of: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('mood' as const),
      mood: fc.constantFrom('thin' as const, 'slow' as const, 'lazy' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      what: fc.constantFrom('lostRequests' as const, 'lostAnswers' as const, 'refusals' as const),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'rearm' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancelBatch' as const), trade }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('close' as const), trade }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('size' as const), trade, lots: fc.integer({ min: 1, max: 15 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('exits' as const),
      trade,
      stop: fc.integer({ min: 2, max: 6 }),
      take: fc.integer({ min: 2, max: 6 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(500, 1500, 12_000) }),
  },
);

interface Setting {
  readonly isNative: boolean;
  readonly isShort: boolean;
  readonly hasTarget: boolean;
  readonly isTwap: boolean;
  readonly isTaxed: boolean;
  readonly isCoordinated: boolean;
}

const SETTING: fc.Arbitrary<Setting> = fc.record({
  isNative: fc.boolean(),
  isShort: fc.boolean(),
  hasTarget: fc.boolean(),
  isTwap: fc.boolean(),
  isTaxed: fc.boolean(),
  isCoordinated: fc.boolean(),
});

/** What the test knows beside the runtime: whose order each one is, from the journal's own intents. */
class Bench {
  readonly handles: Awaited<ReturnType<Rig['submit']>>[] = [];
  readonly found: string[] = [];
  #commands = 100;
  #read = 0;
  #busted = false;
  readonly #trades = new Map<string, string>();
  readonly #protective = new Set<string>();
  readonly #entries = new Map<string, string>();
  readonly #protected = new Set<number>();
  readonly #orders = new Map<
    string,
    { readonly trade: string; readonly group: string; readonly protects: boolean }
  >();

  constructor(
    readonly rig: Rig,
    readonly venue: PositionVenue,
    readonly setting: Setting,
  ) {}

  static async open(setting: Setting): Promise<Bench> {
    const clock = new SimulatedClock(T0);
    const venue = new PositionVenue(
      { clock, stopOrders: setting.isNative },
      setting.isTaxed ? '0.004' : null,
    );
    const rig = await Rig.open({}, { clock, venue });
    const bench = new Bench(rig, venue, setting);
    const { isShort, isTwap, hasTarget, isCoordinated } = setting;
    const side = isShort ? 'SELL' : 'BUY';
    const exit = bench.exits(5, hasTarget ? 5 : null);
    const twap = { strategy: 'TWAP', duration_seconds: 20, slices: 4, on_reject: 'SKIP' };
    for (const n of [1, 2]) {
      const terms = isTwap ? { params: twap } : { limit: '100' };
      const policy = { mode: isCoordinated ? 'COORDINATED' : 'INDEPENDENT', timeout_seconds: 60 };
      bench.handles.push(await rig.submit(batch([leg({ n, side, exit, ...terms })], policy)));
    }
    return bench;
  }

  exits(stop: number, take: number | null) {
    const sign = this.setting.isShort ? -1 : 1;
    return {
      stop: String(100 - sign * stop),
      ...(take === null ? {} : { take: String(100 + sign * take) }),
    };
  }

  /** Reads what was journaled since the last time. */
  #catchUp(): void {
    const { seen } = this.rig;
    for (; this.#read < seen.length; this.#read++) {
      const event = seen[this.#read];
      if (event?.type === 'GROUP_CREATED') {
        this.#trades.set(event.groupId ?? '', event.planId ?? '');
        if (!this.#entries.has(event.planId ?? ''))
          this.#entries.set(event.planId ?? '', event.groupId ?? '');
        if (event.protectsTradeId !== undefined) this.#protective.add(event.groupId ?? '');
      } else if (event?.type === 'ORDER_INTENT') {
        const groupId = event.groupId ?? '';
        const trade = this.#trades.get(groupId) ?? '';
        this.#orders.set(event.clientOrderId, {
          trade,
          group: groupId,
          protects: this.#protective.has(groupId),
        });
      }
    }
  }

  /** By the venue's truth, in lots: held in the trade's own direction, and what protects it there. */
  truth(n: number) {
    this.#catchUp();
    const [own, id] = [this.setting.isShort ? 'SELL' : 'BUY', tradeId(n)];
    let [held, guarded, leaves] = [0, 0, 0];
    for (const [clientOrderId, { order, cum, quantity, isOpen }] of this.venue.orders) {
      const of = this.#orders.get(clientOrderId);
      if (of?.trade !== id) continue;
      const fee = this.setting.isTaxed && order.side === 'BUY' ? cum * 0.04 : 0;
      held += (order.side === own ? cum : -cum) - (this.setting.isShort ? -fee : fee);
      if (!isOpen) continue;
      if (order.side !== own) leaves += quantity - cum;
      if (of.protects) guarded += quantity - cum;
    }
    return { held: Math.round(held * 100) / 100, guarded, leaves };
  }

  /** Lots that the trade's first command has filled. */
  entered(n: number): number {
    const first = this.#entries.get(tradeId(n));
    let lots = 0;
    for (const [id, { cum }] of this.venue.orders) if (this.#orders.get(id)?.group === first) lots += cum;
    return lots;
  }

  open(side: 'own' | 'other'): string[] {
    const own = this.setting.isShort ? 'SELL' : 'BUY';
    return [...this.venue.orders.values()]
      .filter(({ isOpen, order }) => isOpen && (order.side === own) === (side === 'own'))
      .map(({ order }) => order.clientOrderId);
  }

  async act(action: Action): Promise<void> {
    const { rig, venue } = this;
    switch (action.do) {
      case 'fill': {
        this.#catchUp();
        const id = this.open('own').find((one) => this.#orders.get(one)?.trade === tradeId(action.trade));
        if (id !== undefined) venue.fillPart(id, action.lots + 1);
        break;
      }
      case 'price':
        venue.move(BTC, 100 + (this.setting.isShort ? -action.at : action.at));
        break;
      case 'drop': {
        const id = this.open('other')[action.of];
        if (id !== undefined) venue.drop(id);
        break;
      }
      case 'bust': {
        const id = [...venue.orders.keys()][action.of];
        if (id !== undefined && venue.bust(id)) this.#busted = true;
        break;
      }
      case 'mood':
        venue.moods[action.mood] = !venue.moods[action.mood];
        break;
      case 'lose':
        venue.moods[action.what] = action.times;
        break;
      case 'flush':
        venue.flush();
        break;
      case 'kill':
        await rig.runtime.kill('all', 'test', 'me');
        break;
      case 'rearm':
        await rig.runtime.rearm('all', 'me');
        break;
      case 'cancelBatch':
        await this.handles[action.trade - 1]?.cancel('test').catch(() => {});
        break;
      case 'pass':
        await rig.pass(action.ms);
        break;
      default:
        await this.#command(action);
    }
    await rig.settle();
  }

  async #command(action: Extract<Action, { do: 'close' | 'size' | 'exits' }>): Promise<void> {
    const n = ++this.#commands;
    const { trade: of } = action;
    const command =
      action.do === 'close'
        ? close(of, { n })
        : action.do === 'size'
          ? modify(of, { n, size: String(action.lots / 10) })
          : modify(of, { n, exit: this.exits(action.stop, this.setting.hasTarget ? action.take : null) });
    await this.rig.submit(batch([command], null, n)).catch((error: Error) => {
      if ((error as { code?: string }).code === undefined) throw error;
    });
  }

  /** What a venue takes back may leave more at work than is held, until the cancel that follows is confirmed. */
  check(when: string): void {
    if (this.#busted && when !== 'calm') return;
    for (const n of [1, 2]) {
      const { held, guarded, leaves } = this.truth(n);
      const more = Math.max(guarded, leaves);
      if (held < -0.5 && !this.setting.isTaxed && !this.#busted)
        this.found.push(`${when}: trade ${n} has turned: ${held}`);
      if (more > Math.max(0, held) + 1e-9 && more > 0)
        this.found.push(`${when}: trade ${n} holds ${held}, ${guarded} protect it, ${leaves} could be sold`);
    }
  }

  /** The storm is over: everything answers, nothing is killed, the price stands between stop and target. */
  async calm(): Promise<void> {
    const { rig, venue } = this;
    venue.calm();
    await rig.settle();
    await rig.runtime.rearm('all', 'me').catch(() => {});
    venue.move(BTC, 100);
    await rig.pass(CALM_MS);
    this.check('calm');
    if (rig.runtime.openBatches > 0) this.found.push(`${rig.runtime.openBatches} batches have not ended`);
    for (const n of [1, 2]) {
      const { held, guarded } = this.truth(n);
      const position = rig.runtime.positions().find(({ trade_id }) => trade_id === tradeId(n));
      const believed = Number(position?.position_size ?? '0') * 10;
      if (Math.abs(Math.max(0, held) - believed) > 1e-6)
        this.found.push(`trade ${n}: ${held} held, ${believed} believed`);
      if (held < 1) continue;
      // An entry that came to nothing took its exits back: what a MODIFY has bought since has none.
      if (position?.stop_loss === undefined) {
        if (this.entered(n) > 0) this.found.push(`trade ${n} holds ${held} without exits`);
        continue;
      }
      this.#protected.add(n);
      const groups = rig.runtime.groups().filter((group) => this.isLiveGuard(group.group_id, n));
      if (groups.length !== 1) this.found.push(`trade ${n} holds ${held} under ${groups.length} protections`);
      if (guarded > 0 && guarded !== Math.floor(held))
        this.found.push(`trade ${n} holds ${held}, ${guarded} rest`);
    }
  }

  isLiveGuard(groupId: string, n: number): boolean {
    this.#catchUp();
    const group = this.rig.runtime.groups().find((one) => one.group_id === groupId);
    const isLive = group?.status === 'PENDING' || group?.status === 'ACTIVE';
    return isLive && this.#protective.has(groupId) && this.#trades.get(groupId) === tradeId(n);
  }

  /** An entry that was at work when its stop or target filled sends nothing more. */
  late(): string[] {
    const born = new Map<string, number>();
    const hits: { readonly trade: string; readonly seq: number }[] = [];
    const own = this.setting.isShort ? 'SELL' : 'BUY';
    return this.rig.seen.flatMap((event) => {
      const groupId = event.groupId ?? '';
      const trade = this.#trades.get(groupId) ?? '';
      if (event.type === 'GROUP_CREATED') born.set(groupId, event.seq);
      if (event.type === 'FILL' && this.#protective.has(groupId)) hits.push({ trade, seq: event.seq });
      if (event.type !== 'ORDER_INTENT' || event.side !== own) return [];
      const isLate = hits.some((hit) => hit.trade === trade && hit.seq > (born.get(groupId) ?? 0));
      return isLate ? [`${event.clientOrderId} goes out after the stop of its trade`] : [];
    });
  }

  /** A price through every stop leaves nothing but dust, and no entry at work. */
  async crash(): Promise<void> {
    const { venue, rig, setting } = this;
    venue.moods.thin = false;
    venue.move(BTC, setting.isShort ? 110 : 90);
    await rig.pass(CALM_MS);
    this.check('crash');
    for (const n of [1, 2]) {
      const { held } = this.truth(n);
      if (this.#protected.has(n) && held >= 1)
        this.found.push(`trade ${n} still holds ${held} below its stop`);
    }
  }
}

async function findings(setting: Setting, actions: readonly Action[]): Promise<string[]> {
  const bench = await Bench.open(setting);
  for (const [i, action] of actions.entries()) {
    await bench.act(action);
    bench.check(`${i} ${JSON.stringify(action)}`);
    if (bench.found.length > 0) return bench.found;
  }
  await bench.calm();
  await bench.crash();
  const poison = bench.rig.events('POISON').map(() => 'POISON');
  return [...bench.found, ...bench.late(), ...poison, ...audit(bench.rig)];
}

describe('a protection', () => {
  test('covers what is held and never more, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        SETTING,
        fc.array(ACTION, { minLength: 5, maxLength: 25 }),
        async (setting, actions) => {
          expect(await findings(setting, actions)).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
