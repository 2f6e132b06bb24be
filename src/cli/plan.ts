/** `fillwright plan`: the schedule of a scenario, sending nothing. */
import { type GroupPlan, loadScenario, planScenario, type ScenarioPlan, type SliceView } from '../index.js';
import { type Args, onlyArgument } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import { type Io, type Paint, painter } from './io.js';
import { planChart, sumOf } from './plan-chart.js';
import { renderTable, widthOf } from './table.js';

export const plan: Command = {
  name: 'plan',
  usage: 'SCENARIO [--json]',
  summary: 'shows what a scenario would send and when, drawn too; sends nothing',
  flags: { json: JSON_FLAG },
  run(args: Args, io: Io): number {
    const scenario = loadScenario(onlyArgument('plan', args, 'SCENARIO'));
    const planned = planScenario(scenario);
    if (args.flag('json')) printJson(io, { batches: planned.batches.map(batchJson) });
    else {
      const paint = painter(io.stdout, io.env, args.color);
      io.stdout.write(`${planLines(planned, paint, widthOf(io.stdout) ?? WIDTH).join('\n')}\n`);
    }
    return EXIT.OK;
  },
};

/** Exactly the fields of the command line's contract. */
const batchJson = (batch: ScenarioPlan['batches'][number]): object => ({
  groups: batch.groups.map(({ symbol, strategy, target_quantity, slices }) => ({
    symbol,
    strategy,
    target_quantity,
    slices,
  })),
});

const SLICES_SHOWN_MAX = 50;
/** Where no terminal tells its width. */
const WIDTH = 80;
const INDENT = '    ';

/** What is to be traded, and what the schedule comes to where it is something else. */
function groupLine({ symbol, side, target_quantity: target, strategy, slices }: GroupPlan): string {
  const sum = slices.length === 0 ? null : sumOf(slices);
  const short = sum === null || target === null || Number(sum) === Number(target) ? '' : `, comes to ${sum}`;
  return `  ${symbol || '-'}  ${side ?? '-'} ${target ?? 'nothing'}  ${strategy}${short}`;
}

interface Run {
  readonly slice: SliceView;
  readonly times: number;
}

/** Slices that differ in nothing, as the tips of an iceberg, are one row. */
function runsOf(slices: readonly SliceView[]): Run[] {
  const runs: Run[] = [];
  for (const slice of slices) {
    const last = runs.at(-1);
    const same =
      last?.slice.at === slice.at &&
      last.slice.quantity === slice.quantity &&
      last.slice.price === slice.price;
    if (last !== undefined && same) runs[runs.length - 1] = { ...last, times: last.times + 1 };
    else runs.push({ slice, times: 1 });
  }
  return runs;
}

function planLines(planned: ScenarioPlan, paint: Paint, width: number): string[] {
  const lines = [`market  ${planned.market}`];
  for (const batch of planned.batches) {
    lines.push('', `${batch.directive_id}  ${batch.mode}`);
    for (const group of batch.groups) {
      lines.push(groupLine(group));
      const runs = runsOf(group.slices);
      const rows = runs
        .slice(0, SLICES_SHOWN_MAX)
        .map(({ slice: { at, quantity, price }, times }) => [
          at,
          times === 1 ? quantity : `${times} × ${quantity}`,
          price ?? 'at the market',
        ]);
      const columns = [
        { title: 'due' },
        { title: 'quantity', align: 'right' as const },
        { title: group.side === 'SELL' ? 'at or above' : 'at or below', align: 'right' as const },
      ];
      if (rows.length > 0) lines.push(...renderTable(columns, rows, INDENT));
      const hidden = runs.length - SLICES_SHOWN_MAX;
      if (hidden > 0) lines.push(`    … and ${hidden} more (--json shows all)`);
      const chart = planChart(group, width - INDENT.length, paint);
      if (chart.length > 0) lines.push('', ...chart.map((line) => `${INDENT}${line}`), '');
    }
  }
  return lines;
}
