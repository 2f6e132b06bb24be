import { describe, expect, test } from '@jest/globals';
import { executionGroupJsonSchema, jsonSchemas } from '../../src/dtos/index.js';

/** Spec 5, section 7. */
const SPEC = {
  title: 'ExecutionGroup',
  type: 'object',
  properties: {
    group_id: {
      type: 'string',
      pattern: '^EXG_\\d{8}_\\d{6}_[0-9a-z]{5}$',
      description: 'Unique execution group ID',
    },
    parent_directive_id: {
      type: 'string',
      pattern: '^EXE_\\d{8}_\\d{6}_[0-9a-f]{8}$',
      description: 'Parent ExecutionDirective ID',
    },
    execution_strategy: {
      type: 'string',
      enum: ['SINGLE', 'TWAP', 'VWAP', 'ICEBERG', 'DCA', 'LAYERED', 'POV'],
      description: 'Execution strategy type',
    },
    order_ids: { type: 'array', items: { type: 'string' }, description: 'List of connector order IDs' },
    status: {
      type: 'string',
      enum: ['PENDING', 'ACTIVE', 'COMPLETED', 'CANCELLED', 'FAILED', 'PARTIAL'],
      description: 'Group lifecycle status',
    },
    created_at: { type: 'string', format: 'date-time', description: 'Group creation timestamp (UTC)' },
    updated_at: { type: 'string', format: 'date-time', description: 'Last update timestamp (UTC)' },
    target_quantity: { type: ['string', 'null'], description: 'Target quantity (Decimal as string)' },
    filled_quantity: { type: ['string', 'null'], description: 'Filled quantity (Decimal as string)' },
    cancelled_at: { type: ['string', 'null'], format: 'date-time', description: 'Cancellation timestamp' },
    completed_at: { type: ['string', 'null'], format: 'date-time', description: 'Completion timestamp' },
    metadata: { type: ['object', 'null'], description: 'Strategy-specific metadata (JSON)' },
  },
  required: [
    'group_id',
    'parent_directive_id',
    'execution_strategy',
    'order_ids',
    'status',
    'created_at',
    'updated_at',
  ],
};

interface Generated {
  readonly title: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

describe('the JSON Schema of ExecutionGroup', () => {
  const schema = executionGroupJsonSchema as Generated;

  test('is the specification’s, property by property', () => {
    const specified = Object.keys(SPEC.properties);
    const found = Object.fromEntries(specified.map((name) => [name, schema.properties[name]]));
    expect({ title: schema.title, type: schema.type, properties: found, required: schema.required }).toEqual(
      SPEC,
    );
  });

  test('adds five optional properties after the specified twelve and no other', () => {
    expect(Object.keys(schema.properties)).toEqual([
      ...Object.keys(SPEC.properties),
      'overfilled_quantity',
      'offsets_group_id',
      'reason',
      'symbol',
      'side',
    ]);
    expect(schema.additionalProperties).toBe(false);
  });
});

describe('the JSON Schemas of all DTOs', () => {
  const schemas = jsonSchemas() as Record<string, Generated>;

  test('carry their names, refuse unknown keys and are plain JSON', () => {
    expect(Object.keys(schemas)).toHaveLength(22);
    expect(JSON.parse(JSON.stringify(schemas))).toEqual(schemas);
    for (const [name, schema] of Object.entries(schemas)) {
      expect(schema.title).toBe(name);
      if (name !== 'StrategyParams')
        expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });

  test('name the aliases, since they describe what goes in', () => {
    expect(schemas['ExecutionCommand']?.properties).toHaveProperty('target_trade_id');
    expect(schemas['StrategyDirective']?.properties).toHaveProperty('target_trade_ids');
  });

  test('require what has no default and is not nullable', () => {
    expect(schemas['ExecutionCommand']?.required).toEqual(['command_id', 'causality', 'scope']);
    expect(schemas['ExecutionPolicy']?.required).toBeUndefined();
    expect(schemas['ExecutionCommandBatch']?.required).toEqual([
      'batch_id',
      'directive_id',
      'created_at',
      'commands',
      'mode',
    ]);
    expect(schemas['RoutingPlan']?.required).toEqual([
      'plan_id',
      'execution_urgency',
      'visibility_preference',
      'max_slippage_pct',
    ]);
  });

  test('a nullable enum lists null among its values', () => {
    expect(schemas['RoutingPlan']?.properties['chunk_distribution']).toEqual({
      type: ['string', 'null'],
      enum: ['UNIFORM', 'FRONT_LOADED', 'BACK_LOADED', 'RANDOM', null],
    });
  });
});
