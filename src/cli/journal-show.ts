/** `fillwright journal show`: a journal as rows that a person can read. */
import type { JournalRecord, JournalSummary, RuntimeEvent } from '../index.js';
import type { Args } from './args.js';
import { printJson } from './command.js';
import { type Io, type Paint, painter } from './io.js';
import type { Filter } from './journal-filter.js';

export interface Shown {
  readonly args: Args;
  readonly io: Io;
  readonly filter: Filter;
}

/** Rows leave in pieces of about this size. */
const PIECE = 1 << 16;

/** Prints nothing of a damaged journal: what follows a gap is not to be trusted, and what precedes it is not all. */
export function showJournal(reading: Generator<JournalRecord, JournalSummary>, shown: Shown): void {
  const { args, io, filter } = shown;
  const isJson = args.flag('json');
  const paint = painter(io.stdout, io.env, args.color);
  const kept: JournalRecord[] = [];
  const pieces: string[] = [];
  let piece = '';
  let step = reading.next();
  for (; step.done !== true; step = reading.next()) {
    const record = filter(step.value);
    if (record === null) continue;
    if (isJson) kept.push(record);
    else piece += recordText(record, paint);
    if (piece.length > PIECE) pieces.push(piece);
    if (piece.length > PIECE) piece = '';
  }
  const { tornAt } = step.value;
  if (isJson) {
    printJson(io, { records: kept, torn_at: tornAt });
    return;
  }
  for (const text of [...pieces, piece]) if (text !== '') io.stdout.write(text);
  if (tornAt !== null) io.stdout.write(`torn tail at byte ${tornAt}\n`);
}

function recordText(record: JournalRecord, paint: Paint): string {
  const at = new Date(record.t).toISOString();
  const head = `${String(record.n).padStart(6)}  ${at}  ${paint('bold', record.input.k)}`;
  return [head, ...record.events.map((event) => `        ${eventLine(event, paint)}`)]
    .map((line) => `${line}\n`)
    .join('');
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
