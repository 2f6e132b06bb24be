/**
 * JSON Schemas (draft 2020-12) of the DTOs, generated from the zod schemas: what goes in, aliases included.
 *
 * Cross-field rules and calendar checks have no JSON Schema; a text that passes here may still be refused.
 */
import { z } from 'zod';
import { CausalityChainSchema } from './causality.js';
import { DispositionEnvelopeSchema } from './disposition.js';
import { ExecutionCommandSchema } from './execution-command.js';
import { ExecutionCommandBatchSchema } from './execution-command-batch.js';
import { ExecutionGroupSchema } from './execution-group.js';
import { ExecutionPolicySchema } from './execution-policy.js';
import { FillSchema } from './fill.js';
import { ExecutionFailedSchema, FlowCompletionSchema, TradeExecutedSchema } from './flow-events.js';
import { OrderSchema } from './order.js';
import { deepFreeze } from './parse.js';
import { EntryPlanSchema, ExitPlanSchema, RoutingPlanSchema, SizePlanSchema } from './plans.js';
import { PositionSchema } from './position.js';
import {
  EntryDirectiveSchema,
  ExitDirectiveSchema,
  RoutingDirectiveSchema,
  SizeDirectiveSchema,
  StrategyDirectiveSchema,
} from './strategy-directive.js';
import { StrategyParamsSchema } from './strategy-params.js';

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  StrategyDirective: StrategyDirectiveSchema,
  EntryDirective: EntryDirectiveSchema,
  SizeDirective: SizeDirectiveSchema,
  ExitDirective: ExitDirectiveSchema,
  RoutingDirective: RoutingDirectiveSchema,
  ExecutionPolicy: ExecutionPolicySchema,
  EntryPlan: EntryPlanSchema,
  SizePlan: SizePlanSchema,
  ExitPlan: ExitPlanSchema,
  RoutingPlan: RoutingPlanSchema,
  StrategyParams: StrategyParamsSchema,
  ExecutionCommand: ExecutionCommandSchema,
  ExecutionCommandBatch: ExecutionCommandBatchSchema,
  ExecutionGroup: ExecutionGroupSchema,
  Order: OrderSchema,
  Fill: FillSchema,
  CausalityChain: CausalityChainSchema,
  DispositionEnvelope: DispositionEnvelopeSchema,
  Position: PositionSchema,
  TradeExecuted: TradeExecutedSchema,
  ExecutionFailed: ExecutionFailedSchema,
  FlowCompletion: FlowCompletionSchema,
};

/** Spec 5 writes `type: [T, "null"]`; zod writes anyOf, and a default of null that says nothing. */
function asInSpec(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.default === null) delete schema.default;
  const [first, second] = schema.anyOf ?? [];
  if (schema.anyOf?.length !== 2 || typeof first !== 'object' || typeof second !== 'object') return;
  if (second.type !== 'null' || typeof first.type !== 'string') return;
  delete schema.anyOf;
  const { type, ...rest } = first;
  const nullableEnum = rest.enum === undefined ? {} : { enum: [...rest.enum, null] };
  Object.assign(schema, { ...rest, ...nullableEnum, ...schema, type: [type, 'null'] });
}

function schemaOf(schema: z.ZodType, title: string): object {
  const generated = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => asInSpec(jsonSchema),
  });
  return deepFreeze({ title, ...generated });
}

/** The JSON Schema of every DTO by its name. */
export function jsonSchemas(): Record<string, object> {
  return Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, schemaOf(schema, name)]));
}

/** Spec 5, section 7, and after its twelve properties our optional ones. */
export const executionGroupJsonSchema: object = schemaOf(ExecutionGroupSchema, 'ExecutionGroup');
