/**
 * I22 and I23: the journal, folded again, gives every event as it stands there, and the state that the runtime shows.
 * On the way: the drill, of orders as they are intended (drill.ts), and whether each deadline came (dues.ts).
 *
 * Owns the comparison. It uses the runtime's own recovery, once more and whole: what is checked is that the fold is a
 * function of the journal, not that it is right; that is the auditor's.
 */
import { createPureHost } from '../actors/host.js';
import type { Rules } from '../actors/rules.js';
import { createWorld } from '../actors/world.js';
import { PositionBook } from '../book/positions.js';
import type { Runtime } from '../runtime/api.js';
import { Past, POSITIONS_MAX } from '../runtime/recovery.js';
import { groupDto } from '../runtime/views.js';
import { installed } from '../strategies/index.js';
import { i22SameViews } from './audit/quiet.js';
import { Drill } from './drill.js';
import { Dues } from './dues.js';
import { hostileStrategy } from './hostile-strategy.js';
import type { Stage } from './stage.js';

/** `runtime` is at rest. At each restart the runtime itself folds and compares; here every field is, once. */
export function checkFold(stage: Stage, runtime: Runtime): void {
  const { model } = stage.auditor;
  const { lines, records } = stage.store;
  const rules = (records[0]?.input as { readonly rules?: Rules } | undefined)?.rules ?? null;
  if (rules === null) return;
  const strategies = installed([hostileStrategy]);
  const book = new PositionBook(POSITIONS_MAX, true);
  const world = createWorld(rules, createPureHost(strategies), book, strategies);
  const past = new Past(world, 'WHOLE');
  const drill = new Drill();
  const dues = new Dues(model);
  try {
    for (const [i, record] of records.entries()) {
      dues.take(record, past.take(record, lines[i]));
      drill.take(past.world, record, model);
    }
  } catch (error) {
    return model.found('I22', 'i22FoldIsTheJournal', (error as Error).message);
  }
  dues.end(stage.clock.now());
  i22SameViews(model, 'groups', runtime.groups(), [...past.world.groups.values()].map(groupDto));
  const counts = [runtime.openBatches, runtime.openProtections];
  i22SameViews(model, 'open counts', counts, [past.world.openBatches, past.world.openProtections]);
}
