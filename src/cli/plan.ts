/** `fillwright plan`: the schedule of a scenario, sending nothing. */
import { loadScenario, planScenario, type ScenarioPlan } from '../index.js';
import { type Args, onlyArgument } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import { type Io, type Paint, painter } from './io.js';
import { planChart } from './plan-chart.js';
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

function planLines(planned: ScenarioPlan, paint: Paint, width: number): string[] {
  const lines = [`market  ${planned.market}`];
  for (const batch of planned.batches) {
    lines.push('', `${batch.directive_id}  ${batch.mode}`);
    for (const group of batch.groups) {
      const target = group.target_quantity ?? 'nothing';
      lines.push(`  ${group.symbol || '-'}  ${group.side ?? '-'} ${target}  ${group.strategy}`);
      const rows = group.slices
        .slice(0, SLICES_SHOWN_MAX)
        .map(({ at, quantity, price }) => [at, quantity, price ?? 'at the market']);
      const columns = [
        { title: '' },
        { title: '', align: 'right' as const },
        { title: '', align: 'right' as const },
      ];
      lines.push(...renderTable(columns, rows, INDENT));
      const hidden = group.slices.length - SLICES_SHOWN_MAX;
      if (hidden > 0) lines.push(`    … and ${hidden} more (--json shows all)`);
      const chart = planChart(group, width - INDENT.length, paint);
      if (chart.length > 0) lines.push('', ...chart.map((line) => `${INDENT}${line}`), '');
    }
  }
  return lines;
}
