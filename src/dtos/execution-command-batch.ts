/**
 * ExecutionCommandBatch: the commands of one directive with its policy, copied one to one (spec 2, section 2.4).
 *
 * Owns the dumb pipe (`aggregate`) and what holds over all commands of a batch. No metadata, no
 * rollback_on_failure: spec 2, section 3.2 removed them.
 */
import type { z } from 'zod';
import type { Issue } from './errors.js';
import { type ExecutionCommand, ExecutionCommandSchema } from './execution-command.js';
import { ExecutionPolicySchema, policyShape } from './execution-policy.js';
import { deepFreeze, parseDto, pathOf, validationError } from './parse.js';
import { idOf, timestamp } from './primitives.js';
import type { StrategyDirective } from './strategy-directive.js';
import { dto, lengthProblem, list, type Rule } from './structure.js';
import type { Timestamp } from './time.js';

/** platform.yaml's max_commands_per_batch unless told otherwise. */
export const COMMANDS_MAX = 10_000;

/** One command per id, and one per trade: two commands on one trade would race for its position. */
const uniqueIds: Rule<readonly ExecutionCommand[]> = (commands, issue) => {
  const seen = {
    command_id: new Set<string>(),
    plan_id: new Set<string>(),
    target_plan_id: new Set<string>(),
  };
  for (const [index, command] of commands.entries()) {
    for (const field of ['command_id', 'plan_id', 'target_plan_id'] as const) {
      const id = command[field];
      if (id === undefined) continue;
      if (seen[field].has(id)) issue([index, field], `${id} occurs twice in the batch`);
      seen[field].add(id);
    }
  }
};

const commandsSchema = (max: number) => list(ExecutionCommandSchema, { min: 1, max, rule: uniqueIds });
/** By bound, of which a platform has one: to make a schema takes as long as to parse a command with it. */
const made = new Map<number, ReturnType<typeof commandsSchema>>();

/** A list of 1 to `commandsMax` commands, each id once; the size is checked before any command is parsed. */
export function executionCommandsSchema(commandsMax: number = COMMANDS_MAX) {
  const schema = made.get(commandsMax) ?? commandsSchema(commandsMax);
  made.set(commandsMax, schema);
  return schema;
}

const headShape = { batch_id: idOf('BAT'), directive_id: idOf('STR'), created_at: timestamp };

/** The batch's schema with another bound on its size. */
export const executionCommandBatchSchema = (commandsMax: number = COMMANDS_MAX) =>
  dto('ExecutionCommandBatch', {
    ...headShape,
    commands: executionCommandsSchema(commandsMax),
    ...policyShape,
    mode: policyShape.mode.unwrap(),
  });

export const ExecutionCommandBatchSchema = executionCommandBatchSchema();
export type ExecutionCommandBatch = z.output<typeof ExecutionCommandBatchSchema>;
export type ExecutionCommandBatchInput = z.input<typeof ExecutionCommandBatchSchema>;

const HeadSchema = dto('ExecutionCommandBatch', headShape);
const DEFAULT_POLICY = parseDto(ExecutionPolicySchema, {}, 'execution_policy');

/**
 * The bounds of a list of parsed commands: 1 to `commandsMax`, each command and each trade once.
 * @throws VALIDATION with paths that begin with `root`.commands
 */
export function checkCommands(
  commands: readonly ExecutionCommand[],
  commandsMax: number,
  root: string,
): void {
  const path = `${root}.commands`;
  const problem = lengthProblem(commands.length, 1, commandsMax);
  if (problem !== null) throw validationError([{ path, message: problem }]);
  const issues: Issue[] = [];
  uniqueIds(commands, (at, message) => issues.push({ path: pathOf(path, at), message }));
  if (issues.length > 0) throw validationError(issues);
}

/**
 * Parsed directive + parsed commands → batch: copies the policy, decides nothing.
 * @throws VALIDATION: no command, more than `commandsMax`, an id twice, a malformed batch id or time
 */
export function aggregate(
  directive: StrategyDirective,
  commands: readonly ExecutionCommand[],
  {
    batchId,
    createdAt,
    commandsMax = COMMANDS_MAX,
  }: { batchId: string; createdAt: Timestamp; commandsMax?: number },
): ExecutionCommandBatch {
  checkCommands(commands, commandsMax, 'batch');
  const head = { batch_id: batchId, directive_id: directive.directive_id, created_at: createdAt };
  const policy = directive.execution_policy ?? DEFAULT_POLICY;
  return deepFreeze({ ...parseDto(HeadSchema, head, 'batch'), commands: [...commands], ...policy });
}
