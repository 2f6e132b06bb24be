/**
 * Planted bugs in which one door (the gate, the gate of retries, the second check) no longer looks for one thing.
 *
 * Owns their list. What one door lets through the next one stops, so that few of them change a run: the drill finds
 * them (drill.ts).
 */
import { type Plant, plant } from './plant.js';

type Look = readonly [what: string, invariant: string, find: string, replace?: string];

const blind = (door: string, file: string, looks: readonly Look[]): readonly Plant[] =>
  looks.map(([what, invariant, find, replace = '']) =>
    plant(
      `${door}-ignores-${what}`,
      invariant,
      `the ${door.replace('-', ' ')} does not look for ${what}`,
      file,
      [find, replace],
    ),
  );

const STOPS = "if (group.stopping || (group.role === 'LEG' && group.batch.stopping))";
const HELD = "world.venues.down.has(group.venue) ? 'venue down' : holdsBack(world, now, group)";

const GATE = blind('gate', 'actors/orders.js', [
  ['stops', 'I27', `${STOPS}\n        return { block: 'DEFER', reason: 'stopping' };`],
  ['kills', 'I28', "if (isKilled(world, group))\n        return { block: 'STOP', reason: 'killed' };"],
  [
    'outages',
    'I27',
    "if (world.venues.down.has(group.venue))\n        return { block: 'DEFER', reason: 'venue down' };",
  ],
  [
    'deadlines',
    'I19',
    "if (isOverdue(group, now))\n        return { block: 'DEFER', reason: 'after the batch deadline' };",
  ],
  [
    'targets',
    'I5',
    "if (exceedsTarget(group.book, quantity, group.target ?? 0))\n        return { block: 'STOP', reason: 'exceeds target (I5)' };",
  ],
  [
    'positions',
    'I5',
    "if (exceedsHolding(world, group, quantity))\n        return { block: 'DEFER', reason: 'exceeds the position' };",
  ],
  [
    'siblings',
    'I17',
    "const held = holdsBack(world, now, group);\n    return held === null ? null : { block: 'DEFER', reason: held };",
    'return null;',
  ],
]);

const RETRY_GATE = blind('retry-gate', 'actors/orders.js', [
  ['a-stopping-group', 'I27', 'if (group.stopping ||\n        (group', 'if ((group'],
  ['a-stopping-batch', 'I27', "\n        (group.role === 'LEG' && group.batch.stopping) ||"],
  ['deadlines', 'I19', '\n        isOverdue(group, now) ||'],
  ['kills', 'I28', ' ||\n        isKilled(world, group))', ')'],
  [
    'positions',
    'I5',
    "if (exceedsHolding(world, group, 0))\n        return { block: 'STOP', reason: 'exceeds the position' };",
  ],
  ['targets', 'I5', "if (outgrew(group))\n        return { block: 'STOP', reason: 'exceeds target (I5)' };"],
  ['outages', 'I27', HELD, 'holdsBack(world, now, group)'],
  ['siblings', 'I17', HELD, "world.venues.down.has(group.venue) ? 'venue down' : null"],
]);

const SECOND_CHECK = blind('second-check', 'actors/gateway.js', [
  ['halts', 'I25', "if (this.halted)\n            return 'the runtime is halted';"],
  ['kills', 'I28', "if (isKilled(this.world, group))\n            return 'killed';"],
  ['outages', 'I27', "if (this.world.venues.down.has(group.venue))\n            return 'venue down';"],
  [
    'deadlines',
    'I19',
    "if (isOverdue(group, this.ports.now()))\n            return 'after the batch deadline';",
  ],
  ['stops', 'I27', `${STOPS}\n            return 'stopped before it was sent';`],
  [
    'positions',
    'I5',
    "if (exceedsHolding(this.world, group, 0))\n            return 'exceeds the position';",
  ],
  ['targets', 'I5', "return outgrew(group) ? 'exceeds target (I5)' : null;", 'return null;'],
]);

export const DOOR_PLANTS: readonly Plant[] = [...GATE, ...RETRY_GATE, ...SECOND_CHECK];
