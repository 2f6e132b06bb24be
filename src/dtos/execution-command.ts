/**
 * ExecutionCommand: one complete instruction for one trade, the "execution directive" of spec 4 and 5.
 *
 * Owns the agreement between its plans (schema errors) and spec 4's completeness by scope (`checkScope`): a command
 * that lacks what its scope needs parses, and its flow ends with EXECUTION_FAILED.
 */
import { z } from 'zod';
import { CausalityChainSchema } from './causality.js';
import { cmp } from './decimal.js';
import { DirectiveScope } from './enums.js';
import type { Issue } from './errors.js';
import { EntryPlanSchema, ExitPlanSchema, RoutingPlanSchema, SizePlanSchema } from './plans.js';
import { idOf } from './primitives.js';
import { dto, optional, type Rule, type Tidy } from './structure.js';

const shape = {
  command_id: idOf('EXE'),
  causality: CausalityChainSchema,
  scope: z.enum(DirectiveScope),
  /** The trade that NEW_TRADE opens: the ledger's trade_id. */
  plan_id: optional(idOf('TPL')),
  /** The trade that MODIFY_EXISTING or CLOSE_EXISTING is about. */
  target_plan_id: optional(idOf('TPL')),
  /** Spec 4's name for target_plan_id. */
  target_trade_id: optional(idOf('TPL')),
  entry_plan: optional(EntryPlanSchema),
  size_plan: optional(SizePlanSchema),
  exit_plan: optional(ExitPlanSchema),
  routing_plan: optional(RoutingPlanSchema),
};

type Fields = z.output<z.ZodObject<typeof shape>>;

const plansRule: Rule<Fields> = (command, issue) => {
  if (command.target_plan_id != null && command.target_trade_id != null) {
    issue(['target_trade_id'], 'is an alias of target_plan_id: give one of them, not both');
  }
  const target = command.target_plan_id ?? command.target_trade_id;
  if (target != null && target === command.plan_id) {
    issue(
      [command.target_plan_id == null ? 'target_trade_id' : 'target_plan_id'],
      'must not be its own plan_id',
    );
  }
  if (!hasPlan(command)) issue([], `${command.scope} requires at least one plan`);
  if (command.routing_plan?.strategy_params != null) paramsRule(command, issue);
};

/** strategy_params may repeat or omit what the entry plan says; a difference is an error (DESIGN section 8). */
const paramsRule: Rule<Fields> = ({ entry_plan: entry, routing_plan }, issue) => {
  const params = routing_plan?.strategy_params;
  if (params == null) return;
  const at = (field: string): string[] => ['routing_plan', 'strategy_params', field];
  const type = params.order_type ?? entry?.order_type;
  if (entry != null && type !== entry.order_type) {
    issue(at('order_type'), `differs from entry_plan.order_type ${entry.order_type}`);
    return;
  }
  const limit = entry?.limit_price;
  if (limit != null && params.limit_price != null && cmp(limit, params.limit_price) !== 0) {
    issue(at('limit_price'), `differs from entry_plan.limit_price ${limit}`);
  }
  if (entry == null && type !== undefined && type !== 'MARKET' && params.limit_price == null) {
    issue(at('limit_price'), `${type} requires limit_price`);
  }
  if (entry == null && type === 'STOP_LIMIT')
    issue(at('order_type'), 'STOP_LIMIT requires entry_plan.stop_price');
  if (params.post_only && params.order_type === undefined && type === 'MARKET') {
    issue(at('post_only'), 'contradicts entry_plan.order_type MARKET');
  }
};

const WireSchema = dto('ExecutionCommand', shape, plansRule);

/** What goes in may name its target target_trade_id; what comes out calls it target_plan_id. */
export const ExecutionCommandSchema = WireSchema.transform((wire) => {
  if (wire.target_trade_id === undefined) return wire as Canonical;
  const { target_trade_id, ...command } = wire;
  return { ...command, target_plan_id: target_trade_id } as Canonical;
}).meta({ title: 'ExecutionCommand' });

type Canonical = Tidy<Omit<z.output<typeof WireSchema>, 'target_trade_id'>>;

export type ExecutionCommand = z.output<typeof ExecutionCommandSchema>;
export type ExecutionCommandInput = z.input<typeof ExecutionCommandSchema>;

type Plans = { readonly [K in 'entry_plan' | 'size_plan' | 'exit_plan' | 'routing_plan']?: unknown };

const hasPlan = (command: Plans): boolean =>
  command.entry_plan != null ||
  command.size_plan != null ||
  command.exit_plan != null ||
  command.routing_plan != null;

/**
 * What a parsed command lacks for its scope, in spec 4's words (`_validate_directive`); empty when it is complete.
 * `root` begins each path. MODIFY and CLOSE take target_plan_id where spec 4 says target_trade_ids.
 */
export function checkScope(command: ExecutionCommand, root = 'command'): Issue[] {
  const issues: Issue[] = [];
  const { scope } = command;
  const needs = (field: keyof ExecutionCommand, name: string = field): void => {
    if (command[field] === undefined)
      issues.push({ path: `${root}.${field}`, message: `${scope} requires ${name}` });
  };
  const refuses = (field: keyof ExecutionCommand): void => {
    if (command[field] !== undefined)
      issues.push({ path: `${root}.${field}`, message: `${scope} takes no ${field}` });
  };
  if (scope === 'NEW_TRADE') {
    needs('entry_plan');
    needs('size_plan');
    needs('routing_plan');
    needs('plan_id');
    refuses('target_plan_id');
    return issues;
  }
  if (scope === 'MODIFY_EXISTING' && !hasPlan(command)) {
    issues.push({ path: root, message: 'MODIFY_EXISTING requires at least one plan' });
  }
  needs('target_plan_id', 'target_trade_ids');
  if (scope === 'CLOSE_EXISTING') needs('routing_plan');
  refuses('plan_id');
  return issues;
}
