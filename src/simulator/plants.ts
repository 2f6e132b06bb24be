/**
 * Known bugs, as changes of the built files: each must be caught, or the simulator's silence proves nothing.
 *
 * Owns the list. Each text stands exactly once in its file of dist (a test holds that); mutant.ts sets them. The names
 * of reliability's list are all here: retry without a query, UNKNOWN ended by a timer, a fill counted twice, and on.
 */

import { DOOR_PLANTS } from './door-plants.js';
import { both, type Plant, plant } from './plant.js';

const ORDERS = 'actors/orders.js';
const FATE = 'actors/order-fate.js';
const GATEWAY = 'actors/gateway.js';
const BATCHES = 'actors/batches.js';
const BOOK = 'book/book.js';
const FILLS = 'actors/fills.js';
const SUPERVISOR = 'actors/supervisor.js';
const SEQUENCER = 'runtime/sequencer.js';
const RECOVERY = 'actors/recovery.js';
const BATCH_RULES = 'machines/batch-rules.js';
const REPORTS = 'machines/order/reports.js';

const SEND = "this.ask(venue, clientOrderId, 'PLACE', () => this.ports.connectors[venue]?.place(order));";
const NOT_ACKED = "return lose(world, fold, group, row, 'no acknowledgement in time');";
const RETRY_STOPS =
  "if (group.stopping ||\n        (group.role === 'LEG' && group.batch.stopping) ||\n        isOverdue(group, now) ||\n        isKilled(world, group))";

/** The one that fails at once: a run of the tests that does not catch it is blind. */
const CANARY = plant('canary', 'I2', 'every place is sent twice', GATEWAY, [
  SEND,
  `${SEND}\n        ${SEND}`,
]);

const PLACING: readonly Plant[] = [
  plant('retry-without-query', 'I4', 'a place without an answer is sent again unasked', FATE, [
    NOT_ACKED,
    'return absent(world, fold, group, row);',
  ]),
  plant('unknown-ends-by-timer', 'I4', 'an UNKNOWN order is REJECTED by a timer', FATE, [
    'if (row.state.unknown)\n        return query(world, fold, group, row);\n    if (row.cancelRequested)',
    'if (row.state.unknown)\n        return (row.resends = 99), absent(world, fold, group, row);\n    if (row.cancelRequested)',
  ]),
  plant('one-denial-proves-absence', 'I4', 'one "not found" is taken for absence', FATE, [
    'const NOT_FOUND_PROOF = 2;',
    'const NOT_FOUND_PROOF = 1;',
  ]),
  plant('denial-within-validity', 'I4', 'a denial counts while the place may still arrive', FATE, [
    'const provableAt = row.sentAt + 2 * validity;',
    'const provableAt = row.sentAt;',
  ]),
  plant('resend-other-bytes', 'I2', 'a resend differs from its intent', FATE, [
    "row.sentAt = fold.now;\n    fold.emit('ORDER_RESENT'",
    "row.wire = { ...row.wire, timeInForce: 'FOK' };\n    row.sentAt = fold.now;\n    fold.emit('ORDER_RESENT'",
  ]),
  plant('ids-without-attempt', 'I3', 'a retry reuses the id of what was refused', 'actors/world.js', [
    "attempt.toString(36).padStart(2, '0')",
    "'00'",
  ]),
  plant('ids-without-slot', 'I3', 'every slot of a group gets the same id', 'actors/world.js', [
    "slot.toString(36).padStart(4, '0')",
    "'0000'",
  ]),
  plant('effect-before-commit', 'I2', 'places leave before their record is durable', SEQUENCER, [
    'const committing = this.commit();',
    "for (const { folded } of group) {\n                this.ports.perform(folded.effects.filter(({ type }) => type === 'PLACE'));\n                folded.effects = folded.effects.filter(({ type }) => type !== 'PLACE');\n            }\n            const committing = this.commit();",
  ]),
  plant('effects-after-failed-write', 'I25', 'what was not written is sent all the same', SEQUENCER, [
    "if (this.halted?.code === 'JOURNAL') {",
    'if (this.halted?.code === null) {',
  ]),
  both(
    plant('gate-without-target', 'I5', 'neither planner nor gate counts what is unknown', ORDERS, [
      'if (exceedsTarget(group.book, quantity, group.target ?? 0))',
      'if (quantity < 0)',
    ]),
    plant('', '', '', 'strategies/orders.js', [
      'progress.cap - progress.filled - progress.leaves - progress.unknown)',
      'progress.cap - progress.filled - progress.leaves)',
    ]),
  ),
  plant('unknown-not-reserved', 'I5', 'an UNKNOWN order leaves the totals', BOOK, [
    'isLost ? next.leavesQty : 0);',
    '0);',
  ]),
  both(
    plant(
      'replacement-before-cancel',
      'I5',
      'the replacement goes out before the cancel is confirmed',
      'machines/group-plan.js',
      ['export const quiet = (totals) => totals.live === 0;', 'export const quiet = () => true;'],
    ),
    plant('', '', '', 'strategies/orders.js', [
      'progress.cap - progress.filled - progress.leaves - progress.unknown)',
      'progress.cap - progress.filled)',
    ]),
  ),
  plant('send-without-second-check', 'I28', 'what was stopped after its fold is sent', GATEWAY, [
    'const reason = this.refusal(effect);',
    'const reason = null;',
  ]),
  plant(
    'catch-up-burst',
    'I5',
    'after an outage a slice carries all that was missed',
    'strategies/schedule.js',
    [
      "return Math.min(limits.maxChild, mulDiv(sizeOf(turn, plan, k), limits.catchUpPpm, PPM, 'FLOOR'));",
      'return limits.maxChild;',
    ],
  ),
];

const FILLING: readonly Plant[] = [
  plant('fill-counted-twice', 'I7', 'a replayed execution counts again', REPORTS, [
    'if (hasExecution(order.execs, id))\n        return order;\n    const qty = lastQtyOf(message) ?? 0;',
    'const qty = lastQtyOf(message) ?? 0;',
  ]),
  plant('fill-dropped-after-end', 'I7', 'a fill after the end of its order is ignored', FATE, [
    'const before = noted(row, report);\n    const applied = applyReport',
    "const before = noted(row, report);\n    if (report.type === 'TRADE' && before.ended)\n        return;\n    const applied = applyReport",
  ]),
  plant('old-fill-dropped', 'I7', 'a fill after its group left memory is ignored', SUPERVISOR, [
    'return onOldReport(world, fold, report, origin);',
    'return;',
  ]),
  plant('implied-and-real-fill', 'I7', 'what a status implied counts beside its execution', BOOK, [
    "if (report.type === 'TRADE')\n        return stake",
    "if (report.type === 'TRADE')\n        return null;\n    if (report.type === 'TRADE')\n        return stake",
  ]),
  plant('status-books-nothing', 'I8', 'a status with more filled than known books nothing', BOOK, [
    'const fill = gap > 0 ? impliedFill(book, row, finding, gap) : null;',
    'const fill = null;',
  ]),
  plant('end-before-total', 'I7', 'an end is taken though it counts more than has come', FATE, [
    "if (row.phase === 'SENT' && endsAfterMore(row, report))\n        return query(world, fold, group, row);",
    '',
  ]),
  plant('bust-ignored', 'I7', 'an execution that the venue took back still counts', FATE, [
    "if (report.type === 'STATUS')\n        return onStatus",
    "if (report.type === 'TRADE_CANCEL')\n        return;\n    if (report.type === 'STATUS')\n        return onStatus",
  ]),
  plant('overfill-silent', 'I9', 'more than the target is filled and nobody says so', FILLS, [
    'noteOverfill(fold, group, ref);',
    '',
  ]),
  plant('orphan-silent', 'I10', 'a report of nobody is dropped', SUPERVISOR, [
    "fold.emit('ORPHAN', {}, { clientOrderId: report.clientOrderId, report: report.type });",
    '',
  ]),
  plant('late-fill-unmarked', 'I11', 'a fill after the end is not marked late', FILLS, [
    'details.late = true;',
    ';',
  ]),
  plant('ledger-one-sided', 'I24', 'a sale is booked as paid for', FILLS, [
    'contraQuantity: buys ? neg(paid) : paid,',
    'contraQuantity: neg(paid),',
  ]),
  plant(
    'listing-books-nothing',
    'I7',
    'executions that only a listing shows are not booked',
    'actors/reconcile.js',
    ['for (const fill of fills) {', 'for (const fill of []) {'],
  ),
];

const LIVING: readonly Plant[] = [
  plant('settles-while-open', 'I12', 'a group ends with orders open', 'machines/group-rules.js', [
    'quiet: (context) => quiet(context.totals),',
    'quiet: () => true,',
  ]),
  plant(
    'cancel-is-canceled',
    'I13',
    'a cancel counts as done when it is asked for',
    ORDERS,
    [
      "import { heldBy } from './fills.js';",
      "import { heldBy } from './fills.js';\nimport { onReport } from './order-fate.js';",
    ],
    [
      "clientOrderId: row.clientOrderId });\n    fold.stage({\n        type: 'CANCEL',",
      "clientOrderId: row.clientOrderId });\n    onReport(world, fold, group, row, { type: 'CANCELED', clientOrderId: row.clientOrderId, at: fold.now });\n    if (row.phase === 'ENDED')\n        return;\n    fold.stage({\n        type: 'CANCEL',",
    ],
  ),
  plant('refused-cancel-is-gone', 'I13', 'a refused cancel is taken for the end of its order', FATE, [
    "if (row.phase === 'SENT')\n        query(world, fold, group, row);\n}\nfunction onNoAnswer",
    "if (row.phase === 'SENT')\n        onReport(world, fold, group, row, { type: 'CANCELED', clientOrderId: row.clientOrderId, at: fold.now });\n}\nfunction onNoAnswer",
  ]),
  plant(
    'cancelled-called-failed',
    'I14',
    'a group that was asked to stop ends FAILED',
    'machines/causes.js',
    [
      "if (REQUESTED.has(facts.cause))\n        return 'CANCELLED';",
      "if (REQUESTED.has(facts.cause))\n        return 'FAILED';",
    ],
  ),
  plant('partial-called-completed', 'I14', 'a batch with some fills ends COMPLETED', 'machines/causes.js', [
    "if (tally.withFills > 0)\n        return 'PARTIAL';",
    "if (tally.withFills > 0)\n        return 'COMPLETED';",
  ]),
  plant('flow-stops-twice', 'I14', 'a flow has two outcomes', 'actors/flow.js', [
    "fold.emit(group.success ? '_flow_stop_success' : '_flow_stop_error', refOf(group), {",
    "fold.emit('_flow_stop_error', refOf(group), { flowId: group.command.command_id, reason: '' });\n    fold.emit(group.success ? '_flow_stop_success' : '_flow_stop_error', refOf(group), {",
  ]),
  plant(
    'independent-cascade',
    'I15',
    'a failed leg of INDEPENDENT takes the others with it',
    'actors/groups.js',
    [
      "fold.tellBatch(batch, { type: 'LEG_FAILED', leg: group.index, cause });",
      "fold.tellBatch(batch, { type: 'LEG_FAILED', leg: group.index, cause });\n    for (const other of batch.legs)\n        if (other !== group && !other.settled)\n            fold.tellGroup(other, { type: 'STOP', cause: 'sibling_failed' });",
    ],
  ),
  plant('next-leg-after-failure', 'I16', 'SEQUENTIAL goes on after a leg that did not succeed', BATCH_RULES, [
    "succeeded: (_context, event) => event.type === 'LEG_SETTLED' && event.success,",
    "succeeded: (_context, event) => event.type === 'LEG_SETTLED',",
  ]),
  plant('next-leg-after-unknown', 'I16', 'SEQUENTIAL starts the next leg while one is unknown', FATE, [
    'if (row.queries < QUERIES_MAX)\n        query(world, fold, group, row);\n}',
    "if (row.queries < QUERIES_MAX)\n        query(world, fold, group, row);\n    const next = batch.legs[group.index + 1];\n    if (batch.mode === 'SEQUENTIAL' && group.role === 'LEG' && next?.status === 'PENDING')\n        fold.startGroup(next);\n}",
  ]),
  plant('siblings-go-on', 'I17', 'a failed leg of COORDINATED stops nobody', BATCHES, [
    'for (const leg of batch.legs) {\n        if (leg.settled)\n            continue;\n        const isSibling',
    "batch.stopping = cause === 'timeout' || cause === 'kill';\n    for (const leg of batch.legs) {\n        if (leg.settled || !batch.stopping)\n            continue;\n        const isSibling",
  ]),
  plant(
    'siblings-open-in-doubt',
    'I17',
    'legs open while a sibling has been unknown for long',
    'actors/holds.js',
    ["return 'a sibling order is unknown';", 'return null;'],
  ),
  plant('residual-unsaid', 'I17', 'what a rollback leaves is not reported', 'actors/remainders.js', [
    'batch.residuals.push(residual);',
    '',
  ]),
  plant('unwind-larger-than-fill', 'I18', 'an unwind sends back a lot more than was filled', BATCHES, [
    'const group = createUnwind(world, fold, leg, lots);',
    'const group = createUnwind(world, fold, leg, lots + 1);',
  ]),
  plant('unwind-same-side', 'I18', 'an unwind adds to what it should send back', 'actors/legs.js', [
    'const order = { side: opposite(leg.side), target: lots, closes: true };',
    'const order = { side: leg.side, target: lots, closes: true };',
  ]),
  both(
    plant('opens-after-deadline', 'I19', 'a batch that timed out goes on opening', SUPERVISOR, [
      "if (timer === 'timeout')\n        stopBatch(fold, batch, 'timeout');\n    else if",
      'if',
    ]),
    plant('', '', '', ORDERS, ["role === 'LEG' && timeoutAt !== null && now > timeoutAt;", 'false;']),
  ),
];

const CONTROL: readonly Plant[] = [
  plant('event-number-skipped', 'I20', 'alerts take two numbers', 'actors/fold.js', [
    'const seq = ++this.world.seq;',
    "const seq = (this.world.seq += type === 'ALERT' ? 2 : 1);",
  ]),
  plant('quiet-inputs-unwritten', 'I31', 'an input that changed nothing leaves no record', SEQUENCER, [
    'if (folded.refusal === null || folded.events.length > 0)',
    'if (folded.events.length > 0)',
  ]),
  plant('queue-sheds', 'I31', 'reports beyond a few are shed', SEQUENCER, [
    'this.queue.push({ input, done });',
    "if (input.k === 'report' && this.queue.length - this.head >= 3)\n            return;\n        this.queue.push({ input, done });",
  ]),
  plant('fold-reads-more', 'I22', 'an id depends on what no record holds', ORDERS, [
    "const orderId = world.minter.mint('ORD', fold.now);",
    "globalThis.planted = (globalThis.planted ?? 0) + 1;\n    if (globalThis.planted % 7 === 0)\n        world.minter.mint('ORD', fold.now);\n    const orderId = world.minter.mint('ORD', fold.now);",
  ]),
  both(
    plant('deadline-never-armed', 'I33', 'the timeout of a batch is never armed', BATCHES, [
      ':timeout`, batch.timeoutAt);\n}\nfunction stopLegs',
      ':never`, Number.MAX_SAFE_INTEGER);\n}\nfunction stopLegs',
    ]),
    plant('', '', '', 'actors/groups.js', ["group.role === 'LEG' ? group.batch.timeoutAt : null", 'null']),
  ),
  plant('deadlines-lost-in-restart', 'I33', 'a restart forgets the deadlines', 'runtime/recovery.js', [
    'this.armed.set(effect.key, { gen: effect.gen, at: effect.at });',
    ';',
  ]),
  plant('legging-lost-in-restart', 'I33', 'a restart forgets one kind of deadline', 'runtime/recovery.js', [
    'deadlines.arm(id, gen, at);',
    "if (!id.endsWith(':legging'))\n                deadlines.arm(id, gen, at);",
  ]),
  plant('ledger-lost-in-restart', 'I24', 'what was not posted before a crash never is', 'runtime/engine.js', [
    'this.gateway.perform(past.recentPosts());',
    '',
  ]),
  plant('restart-resends', 'I2', 'a restart sends again what may have been sent', RECOVERY, [
    "lose(world, fold, group, row, 'not acknowledged before the restart');",
    "fold.stagePlace({ type: 'PLACE', key: row.clientOrderId, venue: group.venue, order: row.wire, group, row });",
  ]),
  both(
    plant('restart-forgets-orders', 'I33', 'a restart asks nobody about the orders in flight', RECOVERY, [
      "if (row.phase === 'SENT')\n                resume(world, fold, group, row);",
      ';',
    ]),
    plant('', '', '', 'runtime/recovery.js', [
      'this.armed.set(effect.key, { gen: effect.gen, at: effect.at });',
      "if (!effect.key.startsWith('o:'))\n                    this.armed.set(effect.key, { gen: effect.gen, at: effect.at });",
    ]),
  ),
  plant('kill-not-latched', 'I28', 'a kill stops what is there and is then forgotten', SUPERVISOR, [
    'world.kills.add(scope);',
    '',
  ]),
  plant('rearm-forgets-all', 'I28', 're-arming one scope re-arms all', SUPERVISOR, [
    'world.kills.delete(input.scope);',
    'world.kills.clear();',
  ]),
  both(
    both(
      plant('kill-misses-retries', 'I28', 'what waits for a retry survives a kill', ORDERS, [
        RETRY_STOPS,
        'if (isOverdue(group, now))',
      ]),
      both(
        plant('', '', '', ORDERS, [
          "if (row.phase === 'WAITING')\n            notSent(fold, group, row, 'stopped while it waited for a retry');\n        else if",
          "if (row.phase === 'WAITING')\n            continue;\n        else if",
        ]),
        plant(
          '',
          '',
          '',
          GATEWAY,
          ["if (isKilled(this.world, group))\n            return 'killed';", ''],
          ['if (group.stopping ||', 'if (effect.row.attempt === 0 && group.stopping ||'],
          ['refusal({ group }) {', 'refusal(effect) {\n        const { group } = effect;'],
        ),
      ),
    ),
    plant('', '', '', ORDERS, [
      'fold.dropPlaces(({ group }) => group.stopping ||',
      'fold.dropPlaces(({ group, row }) => row.attempt === 0 && group.stopping ||',
    ]),
  ),
  both(
    plant('opens-while-down', 'I27', 'orders go to a venue that cannot be reached', ORDERS, [
      "if (world.venues.down.has(group.venue))\n        return { block: 'DEFER', reason: 'venue down' };",
      '',
    ]),
    plant('', '', '', GATEWAY, [
      "if (this.world.venues.down.has(group.venue))\n            return 'venue down';",
      '',
    ]),
  ),
  plant('started-again', 'I11', 'what has started starts again until it has placed', 'actors/groups.js', [
    'group.startedAt !== null || ',
    '',
  ]),
  plant('never-escalates', 'I33', 'an order that nobody can settle is asked about for ever', FATE, [
    'const QUERIES_MAX = 10;',
    'const QUERIES_MAX = Number.POSITIVE_INFINITY;',
  ]),
];

export const PLANTS: readonly Plant[] = [
  ...[CANARY, ...PLACING, ...FILLING, ...LIVING, ...CONTROL],
  ...DOOR_PLANTS,
];
