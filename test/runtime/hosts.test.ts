/** Both hosts write the same journal, and an inspector sees every actor of theirs. */
import { describe, expect, test } from '@jest/globals';
import type { Inspect } from '../../src/runtime/api.js';
import { type Batch, batch, coordinated, ETH, leg, Rig, SOL, sequential } from './rig.js';

describe('both hosts', () => {
  const TWAP = { strategy: 'TWAP', duration_seconds: 10, slices: 5 };
  const two = () => [leg({ n: 1, limit: '100' }), leg({ n: 2, symbol: ETH, params: TWAP })];

  const scenarios: Record<
    string,
    { readonly batch: () => Batch; readonly run: (rig: Rig) => Promise<void> }
  > = {
    'a leg that is refused, and an unwind that needs three attempts': {
      batch: () => coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH })]),
      run: async (rig) => {
        await rig.at((venue) => {
          venue.fill(venue.id(0));
          venue.reject(venue.id(1));
        });
        for (let i = 0; i < 3; i++) {
          await rig.at((venue) => venue.canceled(venue.id(-1), 'no liquidity'));
          await rig.pass(1000);
        }
      },
    },
    'a lost order, a cancel and a late fill': {
      batch: () => coordinated(two(), { timeout_seconds: 30 }),
      run: async (rig) => {
        await rig.at((venue) => venue.noAnswer(venue.id(0)));
        await rig.pass(4000);
        await rig.at((venue) => venue.canceled(venue.id(1)));
        await rig.pass(40_000);
        await rig.at((venue) => venue.status(venue.id(0), 'CANCELED', '0.2', '100'));
        await rig.at((venue) => venue.fill(venue.id(0), '0.3'));
        await rig.pass(300_000);
      },
    },
    'a sequence that ends at its second leg': {
      batch: () => sequential([...two(), leg({ n: 3, symbol: SOL })]),
      run: async (rig) => {
        await rig.at((venue) => venue.fill(venue.id(0)));
        await rig.pass(3000);
        await rig.at((venue) => venue.reject(venue.id(1), 'busy', true));
        await rig.pass(3000);
        await rig.at((venue) => venue.reject(venue.id(-1), 'margin'));
        await rig.pass(60_000);
      },
    },
    'a kill in the middle': {
      batch: () => batch(two()),
      run: async (rig) => {
        await rig.pass(2500);
        await rig.runtime.kill({ symbol: ETH }, 'halt', 'me');
        await rig.at((venue) => venue.fill(venue.id(0), '0.5'));
        await rig.runtime.kill('all', 'halt', 'me');
        await rig.pass(60_000);
      },
    },
  };

  test.each(Object.keys(scenarios))('write the same journal: %s', async (name) => {
    const scenario = scenarios[name];
    const journals: string[][] = [];
    for (const host of ['actors', 'pure'] as const) {
      const rig = await Rig.open({ host });
      if (scenario !== undefined) {
        await rig.submit(scenario.batch());
        await scenario.run(rig);
      }
      expect(rig.lines().length).toBeGreaterThan(5);
      journals.push(rig.lines());
    }
    expect(journals[0]).toEqual(journals[1]);
  });
});

describe('inspect', () => {
  test('sees the supervisor, and under it every batch and group, unwinds too', async () => {
    const actors = new Map<string, string | undefined>();
    const transitions: string[] = [];
    const inspect: Inspect = (event) => {
      const actor = event.actorRef as unknown as {
        readonly id: string;
        readonly _parent?: { readonly id: string };
      };
      if (event.type === '@xstate.actor') actors.set(actor.id, actor._parent?.id);
      if (event.type === '@xstate.snapshot') transitions.push(`${actor.id} ${event.event.type}`);
    };
    const rig = await Rig.open({ more: { inspect } });
    const handle = await rig.submit(coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH })]));
    await rig.at((venue) => {
      venue.fill(venue.id(0));
      venue.reject(venue.id(1));
    });
    const groups = rig.runtime.groups().map(({ group_id }) => group_id);
    expect(groups).toHaveLength(3);
    for (const id of [handle.id, ...groups]) expect(actors.get(id)).toBe('supervisor');
    expect(actors.has('supervisor')).toBe(true);
    expect(transitions).toContain('supervisor submit');
    expect(transitions).toContain(`${handle.id} LEG_FAILED`);
    expect(transitions).toContain(`${groups[1]} ORDER_ENDED`);
  });

  test('that throws changes nothing', async () => {
    const runs: string[][] = [];
    for (const more of [
      {},
      {
        inspect: () => {
          throw new Error('observer');
        },
      },
    ]) {
      const rig = await Rig.open({ more });
      rig.venue.fillsAll();
      await rig.submit(batch([leg()]));
      runs.push(rig.lines());
    }
    expect(runs[1]).toEqual(runs[0]);
  });
});
