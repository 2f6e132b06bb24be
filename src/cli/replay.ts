/**
 * `fillwright replay`: the state of a journal at any point, what was legal next, and what led to an event.
 *
 * Owns flags and the text; the replay is the package's `replayJournal`, which performs nothing.
 */
import { type CauseView, type ReplayPoint, type ReplayView, readJournal, replayJournal } from '../index.js';
import { type Args, onlyArgument, usage } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import { type Io, painter } from './io.js';
import { checkReadable } from './journal-file.js';
import { reportLines } from './report.js';
import { widthOf } from './table.js';

export const replay: Command = {
  name: 'replay',
  usage: 'FILE [--at SEQ|TIME] [--cause SEQ] [--json]',
  summary: 'rebuilds the state of a journal at any point, and sends nothing',
  flags: {
    at: {
      type: 'string',
      value: 'SEQ|TIME',
      help: 'after this event, or at this time (ISO 8601); default: the end',
    },
    cause: { type: 'string', value: 'SEQ', help: 'what led to this event; default: to the last one' },
    json: JSON_FLAG,
  },
  run(args: Args, io: Io): number {
    const file = onlyArgument('replay', args, 'FILE');
    const at = pointOf(args.value('at'));
    const cause = args.value('cause');
    checkReadable(file);
    const { records, tornAt } = readJournal(file);
    const view = replayJournal(records, {
      at,
      ...(cause === undefined ? {} : { cause: seqOf('--cause', cause) }),
    });
    if (args.flag('json')) printJson(io, { ...view });
    else io.stdout.write(`${textOf(view, file, args, io).join('\n')}\n`);
    if (tornAt !== null) io.stderr.write(`torn tail at byte ${tornAt}\n`);
    return EXIT.OK;
  },
};

function pointOf(text: string | undefined): ReplayPoint {
  if (text === undefined) return {};
  if (/^\d+$/.test(text)) return { seq: seqOf('--at', text) };
  const time = /^\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw usage(`fillwright replay: --at '${text}' is neither an event's number nor a time with its zone`);
  return { time };
}

function seqOf(flag: string, text: string): number {
  const seq = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seq) || seq < 1)
    throw usage(`fillwright replay: ${flag} '${text}' is no event's number`);
  return seq;
}

function textOf(view: ReplayView, file: string, args: Args, io: Io): string[] {
  const paint = painter(io.stdout, io.env, args.color);
  const width = widthOf(io.stdout);
  const market = `event ${view.seq}${view.at === null ? '' : ` at ${view.at}`}`;
  return [
    ...reportLines(view.batches, { file, market, journal: null, unsafe: [], plain: true, paint, width }),
    'Legal next',
    ...(view.legal_next.length === 0 ? ['  nothing: everything has settled'] : []),
    ...view.legal_next.map(
      ({ entity, id, state, events }) => `  ${entity} ${id} ${state}: ${events.join(' ')}`,
    ),
    '',
    'Led to by',
    ...view.causes.map((cause) => `  ${causeLine(cause)}`),
  ];
}

const causeLine = ({ seq, at, type, record, input, ...ids }: CauseView): string =>
  [`#${seq}`, type, ids.order_id ?? ids.group_id ?? ids.batch_id ?? '', at, `(record ${record}, ${input})`]
    .filter((part) => part !== '')
    .join(' ');
