/** `fillwright journal show`: a journal as rows that a person can read. */
import { readFileSync } from 'node:fs';
import { type JournalRecord, parseJournal, type RuntimeEvent } from '../index.js';
import { type Args, usage } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import { type Io, type Paint, painter } from './io.js';

export const journal: Command = {
  name: 'journal',
  usage: 'show FILE [--batch ID] [--group ID] [--order ID] [--json]',
  summary: 'shows a journal: each input and what it led to',
  flags: {
    batch: { type: 'string', value: 'ID', help: 'only events of this batch' },
    group: { type: 'string', value: 'ID', help: 'only events of this group' },
    order: { type: 'string', value: 'ID', help: 'only events of this order (our id or the client order id)' },
    json: JSON_FLAG,
  },
  run(args: Args, io: Io): number {
    const [action, file, extra] = args.positionals;
    if (action !== 'show') {
      throw usage(
        `fillwright journal: ${action === undefined ? 'an action is missing' : `unknown action '${action}'`}; show is one`,
      );
    }
    if (file === undefined) throw usage('fillwright journal show: FILE is missing');
    if (extra !== undefined) throw usage(`fillwright journal show: unexpected argument '${extra}'`);
    const { records, tornAt } = parseJournal(read(file), file);
    const shown = select(records, args);
    if (args.flag('json')) printJson(io, { records: shown, torn_at: tornAt });
    else
      for (const record of shown)
        io.stdout.write(`${recordLines(record, painter(io.stdout, io.env, args.color)).join('\n')}\n`);
    if (tornAt !== null && !args.flag('json')) io.stdout.write(`torn tail at byte ${tornAt}\n`);
    return EXIT.OK;
  },
};

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw usage(`${file}: ${missing ? 'no such file' : 'cannot be read'}`);
  }
}

/** Records with the events that the filters let through; without a filter, every record. */
function select(records: readonly JournalRecord[], args: Args): JournalRecord[] {
  const [batch, group, order] = [args.value('batch'), args.value('group'), args.value('order')];
  if (batch === undefined && group === undefined && order === undefined) return [...records];
  const matches = (event: RuntimeEvent): boolean =>
    (batch === undefined || event.batchId === batch) &&
    (group === undefined || event.groupId === group) &&
    (order === undefined ||
      event.orderId === order ||
      ('clientOrderId' in event && event.clientOrderId === order));
  return records.flatMap((record) => {
    const events = record.events.filter(matches);
    return events.length === 0 ? [] : [{ ...record, events }];
  });
}

function recordLines(record: JournalRecord, paint: Paint): string[] {
  const head = `${String(record.n).padStart(6)}  ${new Date(record.t).toISOString()}  ${paint('bold', record.input.k)}`;
  return [head, ...record.events.map((event) => `        ${eventLine(event, paint)}`)];
}

const HEAD: readonly string[] = ['seq', 'at', 'cause', 'type', 'batchId', 'groupId', 'orderId'];

/** `#12 ←11 FILL EXG_…: quantity 0.5, price 61000` */
function eventLine(event: RuntimeEvent, paint: Paint): string {
  const subject = event.orderId ?? event.groupId ?? event.batchId ?? '';
  const facts = Object.entries(event)
    .filter(([key, value]) => !HEAD.includes(key) && value !== null && value !== undefined)
    .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  const cause = event.cause === null ? '' : ` ←${event.cause}`;
  const from = paint('dim', `#${event.seq}${cause}`);
  return `${from} ${paint('cyan', event.type)}${subject === '' ? '' : ` ${subject}`}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}`;
}
