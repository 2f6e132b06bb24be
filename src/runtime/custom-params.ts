/**
 * The parameters of a host's own strategy at the edge: commands that name one, parsed like all others.
 *
 * Owns how such `strategy_params` are split: the fields that every strategy takes go through the schema of SINGLE,
 * with its rules against the entry plan; the rest is the strategy's own and is read by its `params`. Built-in
 * strategies and the other fields of a command are the DTOs' (dtos/execution-command.ts).
 */
import { FillwrightError, type Issue, messageOf } from '../dtos/errors.js';
import type { ExecutionCommand } from '../dtos/execution-command.js';
import { executionCommandsSchema } from '../dtos/execution-command-batch.js';
import { deepFreeze, parseDto, pathOf, validationError } from '../dtos/parse.js';
import { SINGLE_FIELDS } from '../dtos/strategy-params.js';
import { type JsonObject, jsonObject } from '../dtos/structure.js';
import { STRATEGIES, type Strategies } from '../strategies/index.js';

type Fields = Readonly<Record<string, unknown>>;

/** Fields of SINGLE that every strategy takes. */
const SHARED: ReadonlySet<string> = new Set(SINGLE_FIELDS.filter((field) => field !== 'chase'));

/**
 * Parses commands, those of the host's strategies too.
 * @throws VALIDATION with paths that begin with `root`
 */
export function parseCommands(
  inputs: unknown,
  commandsMax: number,
  strategies: Strategies,
  root: string,
): readonly ExecutionCommand[] {
  const schema = executionCommandsSchema(commandsMax);
  if (strategies === STRATEGIES || !Array.isArray(inputs) || inputs.length > commandsMax)
    return parseDto(schema, inputs, root);
  const own = new Map<number, Fields>();
  const shared = inputs.map((input: unknown, i) => {
    const params = ownParams(input, strategies);
    if (params === null) return input;
    own.set(i, params);
    return withShared(input as Fields, params);
  });
  const commands = parseDto(schema, shared, root);
  if (own.size === 0) return commands;
  return commands.map((command, i) => {
    const params = own.get(i);
    const path = `${root}[${i}].routing_plan.strategy_params`;
    return params === undefined ? command : withOwn(command, params, strategies, path);
  });
}

/** The parameters of a command that names a host's strategy; null of any other, and of what cannot be read. */
function ownParams(input: unknown, strategies: Strategies): Fields | null {
  try {
    const params = (input as { routing_plan: { strategy_params: Fields } }).routing_plan.strategy_params;
    const { strategy } = params;
    if (typeof strategy !== 'string' || STRATEGIES.has(strategy) || !strategies.has(strategy)) return null;
    return { ...params };
  } catch {
    return null; // the schema says what is wrong with it
  }
}

/** The same command as far as every strategy is told the same. */
const withShared = (input: Fields, params: Fields): Fields => ({
  ...input,
  routing_plan: {
    ...(input['routing_plan'] as Fields),
    strategy_params: { ...pick(params, (field) => SHARED.has(field)), strategy: 'SINGLE' },
  },
});

const pick = (fields: Fields, isWanted: (field: string) => boolean): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => isWanted(field)));

function withOwn(
  command: ExecutionCommand,
  params: Fields,
  strategies: Strategies,
  path: string,
): ExecutionCommand {
  const { routing_plan: routing } = command;
  if (routing === undefined) return command;
  const name = String(params['strategy']);
  const own = pick(params, (field) => field !== 'strategy' && !SHARED.has(field));
  const read = readOwn(strategies.get(name)?.params, parseDto(jsonObject, own, path), path);
  const all = { ...read, ...routing.strategy_params, strategy: name };
  // The one place where a host's strategy takes the place of a built-in one; its planner alone reads these.
  const strategy_params = all as unknown as NonNullable<typeof routing.strategy_params>;
  return deepFreeze({ ...command, routing_plan: { ...routing, strategy_params } });
}

type Reader = (own: JsonObject) => object;

function readOwn(reader: Reader | undefined, own: JsonObject, path: string): Fields {
  if (reader === undefined) {
    const issues = Object.keys(own).map((key) => ({ path: pathOf(path, [key]), message: 'unknown key' }));
    if (issues.length > 0) throw validationError(issues);
    return {};
  }
  let read: unknown;
  try {
    read = reader(own);
  } catch (error) {
    throw validationError(issuesOf(error, path));
  }
  return parseDto(jsonObject, read, path) as Fields;
}

/** A zod error, or one like it, names paths; of any other its message is told. */
function issuesOf(error: unknown, path: string): Issue[] {
  const found = (error as { readonly issues?: unknown } | null)?.issues;
  const issues = Array.isArray(found) ? found.flatMap((issue) => issueOf(issue, path)) : [];
  return issues.length > 0 ? issues : [{ path, message: messageOf(error) }];
}

function issueOf(issue: unknown, root: string): Issue[] {
  const { path, message, keys } = (issue ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof message !== 'string') return [];
  const at = Array.isArray(path) ? (path as PropertyKey[]) : [];
  if (!Array.isArray(keys)) return [{ path: pathOf(root, at), message }];
  return (keys as PropertyKey[]).map((key) => ({ path: pathOf(root, [...at, key]), message: 'unknown key' }));
}

/** What a strategy's `check` threw, as a refusal: a host's may throw any error. */
export function planRefusal(error: unknown): FillwrightError {
  if (error instanceof FillwrightError) return error;
  return new FillwrightError('PLAN_INFEASIBLE', messageOf(error), {
    path: 'routing_plan.strategy_params',
    cause: error,
  });
}
