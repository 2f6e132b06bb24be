/** How a seed becomes a world: its options, its faults, what is submitted and what people do meanwhile. Pure. */
import { directiveActions } from './directives.js';
import { type FaultRates, swarm } from './fault-draws.js';
import { FAULTS, type FaultKind } from './faults.js';
import { Random } from './random.js';
import { type Action, STEPS_MAX, STORM_MS, type World, type WorldOptions } from './world.js';

/** Settled groups in memory: more than a world has. */
const HISTORY = 1_000;

/** The world of a seed. `allowed`: the fault kinds that it may draw from. */
export function worldOf(seed: number, allowed: readonly FaultKind[] = FAULTS): World {
  const random = new Random(seed, 'options');
  const disk = random.chance(150_000) ? 'faulty' : 'none';
  const isSilent = random.chance(disk === 'faulty' ? 400_000 : 150_000);
  const options: WorldOptions = {
    disk,
    venues: random.chance(300_000) ? ['SIM', 'ALT'] : ['SIM'],
    placeValidityMs: random.chance(250_000) ? null : random.pick([1_000, 3_000, 5_000]),
    ackSeconds: random.pick([1, 2, 3]),
    maxRetries: random.pick([0, 1, 3]),
    watches: random.chance(500_000),
    benchmarks: random.chance(200_000),
    historyGroups: random.chance(120_000) ? 4 : HISTORY,
    stopOrders: random.chance(500_000),
    iceberg: random.chance(500_000),
    baseFees: random.chance(250_000),
    lists: random.chance(600_000),
    silentMs: isSilent ? random.from(5_000, 40_000) : 0,
    silentFrom: random.chance(500_000) ? random.below(STORM_MS) : 0,
    reconcileSeconds: random.pick([10, 30, 30]),
    host: random.chance(100_000) ? 'actors' : 'pure',
    depth: random.pick([1_000, 1_000, 400, 150]),
    // Early ones too: of what is pending when a world begins.
    snapshotRecords: random.pick([0, 5, 50, 100]),
    saysTotals: random.chance(500_000),
  };
  const faults = faultsOf(swarm(seed, allowed), options);
  const crashes = faults['1'] === undefined ? [] : crashActions(seed);
  const submits = directiveActions(seed, options, faults['36'] ?? 0);
  const actions = [...submits, ...operatorActions(seed), ...crashes];
  actions.sort((a, b) => a.at - b.at);
  return { v: 3, seed, steps: STEPS_MAX, faults, options, actions };
}

/**
 * A bust that overtakes its execution means nothing to an order whose group has left memory: of what a status had
 * implied it cannot take back a part that it does not name. Worlds with a short memory have no busts.
 */
function faultsOf(faults: FaultRates, { historyGroups }: WorldOptions): FaultRates {
  const { '20': busts, ...others } = faults;
  return busts === undefined || historyGroups < HISTORY ? others : faults;
}

/** Beside the crashes that a rate draws at commits (kind 1): one to four in a world, at any time. */
function crashActions(seed: number): Action[] {
  const random = new Random(seed, 'crashes');
  return Array.from({ length: random.from(1, 4) }, () => ({
    at: random.below(STORM_MS),
    do: 'crash' as const,
    when: random.pick(['now', 'before', 'after', 'effect'] as const),
    n: random.below(4),
  }));
}

/** What people do meanwhile: cancels, amends, kills. */
function operatorActions(seed: number): Action[] {
  const random = new Random(seed, 'operator');
  const actions: Action[] = [];
  for (let i = random.from(2, 8); i > 0; i--) {
    const at = random.below(STORM_MS);
    const pick = random.below(1_000);
    const which = random.below(10);
    if (which < 3)
      actions.push({
        at,
        do: 'cancelBatch',
        pick,
        unwind: random.chance(700_000),
        abandon: random.chance(200_000),
      });
    else if (which < 5) actions.push({ at, do: 'cancelGroup', pick });
    else if (which < 9) {
      const ticks = random.chance(700_000) ? random.from(-20, 20) : null;
      const cap = ticks === null || random.chance(300_000) ? random.from(0, 1_000) : null;
      actions.push({ at, do: 'amend', pick, ticks, cap });
    } else {
      const scope = random.pick(['all', 'venue', 'symbol', 'batch'] as const);
      actions.push({ at, do: 'kill', scope, pick, rearmAfter: random.from(100, 15_000) });
    }
  }
  return actions;
}
