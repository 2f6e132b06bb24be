/** `fillwright plan`: the schedule of a scenario, sending nothing. */
import { loadScenario, planScenario, type ScenarioPlan } from '../index.js';
import { type Args, onlyArgument } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';
import { renderTable } from './table.js';

export const plan: Command = {
  name: 'plan',
  usage: 'SCENARIO [--json]',
  summary: 'shows what a scenario would send and when; sends nothing',
  flags: { json: JSON_FLAG },
  run(args: Args, io: Io): number {
    const scenario = loadScenario(onlyArgument('plan', args, 'SCENARIO'));
    const planned = planScenario(scenario);
    if (args.flag('json')) printJson(io, { batches: planned.batches.map(batchJson) });
    else io.stdout.write(`${planLines(planned).join('\n')}\n`);
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

function planLines(planned: ScenarioPlan): string[] {
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
      lines.push(...renderTable(columns, rows, '    '));
      const hidden = group.slices.length - SLICES_SHOWN_MAX;
      if (hidden > 0) lines.push(`    … and ${hidden} more (--json shows all)`);
    }
  }
  return lines;
}
