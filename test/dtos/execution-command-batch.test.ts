import { describe, expect, test } from '@jest/globals';
import {
  aggregate,
  type ExecutionCommand,
  ExecutionCommandBatchSchema,
  ExecutionCommandSchema,
  executionCommandBatchSchema,
  executionCommandsSchema,
  FillwrightError,
  parseDto,
  StrategyDirectiveSchema,
} from '../../src/dtos/index.js';
import { command, directive, id, issuesOf, linesOf, type Wire } from './make.js';

const parsedDirective = (change: Wire = {}) =>
  parseDto(StrategyDirectiveSchema, directive(change), 'directive');
const parsedCommands = (count: number): ExecutionCommand[] =>
  Array.from({ length: count }, (_, n) => parseDto(ExecutionCommandSchema, command({}, n), 'command'));
const head = { batchId: id('BAT'), createdAt: '2025-10-28T14:30:23Z' };
const batch = (change: Wire = {}): Wire => ({
  batch_id: id('BAT'),
  directive_id: id('STR'),
  commands: [command()],
  created_at: '2025-10-28T14:30:23Z',
  mode: 'SEQUENTIAL',
  ...change,
});

describe('aggregation', () => {
  test('copies the policy one to one', () => {
    const policy = {
      mode: 'COORDINATED',
      timeout_seconds: 60,
      on_leg_failure: 'CANCEL_PENDING',
      max_leg_imbalance: '0.1',
      max_legging_seconds: 5,
    };
    const commands = parsedCommands(3);
    const result = aggregate(parsedDirective({ execution_policy: policy }), commands, head);
    expect(result).toEqual({
      batch_id: head.batchId,
      directive_id: id('STR'),
      created_at: head.createdAt,
      commands,
      ...policy,
    });
    expect(Object.isFrozen(result)).toBe(true);
    expect(Object.isFrozen(result.commands)).toBe(true);
  });

  test('no policy means INDEPENDENT without a timeout', () => {
    const result = aggregate(parsedDirective(), parsedCommands(1), head);
    expect(result.mode).toBe('INDEPENDENT');
    expect(result).not.toHaveProperty('timeout_seconds');
  });

  test('what it makes parses as a batch', () => {
    const result = aggregate(
      parsedDirective({ execution_policy: { timeout_seconds: 5 } }),
      parsedCommands(2),
      head,
    );
    expect(parseDto(ExecutionCommandBatchSchema, result, 'batch')).toEqual(result);
  });

  test.each<[string, ExecutionCommand[], Wire, string]>([
    ['no command', [], {}, 'batch.commands: must not be empty'],
    [
      'too many commands',
      parsedCommands(4),
      { commandsMax: 3 },
      'batch.commands: must have at most 3 elements, not 4',
    ],
    [
      'a malformed id',
      parsedCommands(1),
      { batchId: 'BAT' },
      'batch.batch_id: must match BAT_YYYYMMDD_HHMMSS_xxxxxxxx',
    ],
    [
      'a naive time',
      parsedCommands(1),
      { createdAt: '2025-10-28T14:30:23' },
      'batch.created_at: must be UTC',
    ],
  ])('refuses %s', (_, commands, change, message) => {
    expect(() => aggregate(parsedDirective(), commands, { ...head, ...change })).toThrow(message);
  });

  test.each(['command_id', 'plan_id'] as const)('refuses a %s that occurs twice', (field) => {
    const [first, second] = parsedCommands(2) as [ExecutionCommand, ExecutionCommand];
    const twin = { ...second, [field]: first[field] };
    const act = (): unknown => aggregate(parsedDirective(), [first, twin], head);
    expect(act).toThrow(FillwrightError);
    expect(act).toThrow(`batch.commands[1].${field}: ${first[field]} occurs twice in the batch`);
  });
});

describe('ExecutionCommandBatch', () => {
  test('on_leg_failure is UNWIND unless told', () => {
    expect(parseDto(ExecutionCommandBatchSchema, batch(), 'batch').on_leg_failure).toBe('UNWIND');
  });

  test('mode is required', () => {
    expect(linesOf(ExecutionCommandBatchSchema, batch({ mode: undefined }), 'batch')).toEqual([
      'batch.mode: is required',
    ]);
  });

  test.each(['metadata', 'rollback_on_failure', 'execution_mode'])('%s is gone', (key) => {
    expect(linesOf(ExecutionCommandBatchSchema, batch({ [key]: null }), 'batch')).toEqual([
      `batch.${key}: unknown key`,
    ]);
  });

  test('an error inside a command has its index in the path', () => {
    const commands = [command(), command({ size_plan: { plan_id: id('SIZ'), position_size: '-1' } }, 1)];
    expect(linesOf(ExecutionCommandBatchSchema, batch({ commands }), 'batch')).toEqual([
      'batch.commands[1].size_plan.position_size: must be positive',
    ]);
  });

  test('one trade is closed by one command only', () => {
    const close = { scope: 'CLOSE_EXISTING', plan_id: null, target_plan_id: id('TPL', 7) };
    const commands = [command(close, 0), command(close, 1)];
    expect(linesOf(ExecutionCommandBatchSchema, batch({ commands }), 'batch')).toEqual([
      `batch.commands[1].target_plan_id: ${id('TPL', 7)} occurs twice in the batch`,
    ]);
  });

  test('the bound on commands can be set', () => {
    const commands = [command({}, 0), command({}, 1)];
    expect(linesOf(executionCommandBatchSchema(1), batch({ commands }), 'batch')).toEqual([
      'batch.commands: must have at most 1 elements, not 2',
    ]);
    expect(linesOf(executionCommandsSchema(2), commands, 'commands')).toEqual([]);
  });

  test('100,000 legs are refused before any is parsed', () => {
    let read = 0;
    const leg = new Proxy(
      {},
      {
        get: () => {
          read += 1;
          return undefined;
        },
      },
    );
    const commands = new Array<unknown>(100_000).fill(leg);
    expect(linesOf(ExecutionCommandBatchSchema, batch({ commands }), 'batch')).toEqual([
      'batch.commands: must have at most 10000 elements, not 100000',
    ]);
    expect(read).toBe(0);
  });

  test('10,000 commands parse', () => {
    const commands = Array.from({ length: 10_000 }, (_, n) => command({}, n));
    const parsed = parseDto(ExecutionCommandBatchSchema, batch({ commands }), 'batch');
    expect(parsed.commands).toHaveLength(10_000);
  });

  test('10,000 broken commands list 100 findings and count the rest', () => {
    const commands = Array.from({ length: 10_000 }, () => ({}));
    expect(issuesOf(ExecutionCommandBatchSchema, batch({ commands }), 'batch')).toHaveLength(100);
    expect(() => parseDto(ExecutionCommandBatchSchema, batch({ commands }), 'batch')).toThrow(
      'batch.commands[0].command_id: is required (+29999 more)',
    );
  });
});
