/**
 * The platform configuration: spec 4's `platform.yaml` schema, its profiles per environment, its defaults.
 *
 * Owns: `parseConfig`, the defaults, decision 12 (what `live` refuses), the retry delays. Does not read files
 * (runtime/document.ts does) and decides nothing at run time.
 */
import { z } from 'zod';
import { FillwrightError, type Issue } from '../dtos/errors.js';
import { deepFreeze, parseDto } from '../dtos/parse.js';
import { type RoutingPlan, RoutingPlanSchema } from '../dtos/plans.js';

const milliseconds = z.int().min(0).max(86_400_000);
const seconds = z.int().min(1).max(31_536_000);

const RetryPolicySchema = z
  .strictObject({
    max_retries: z.int().min(0).max(1_000),
    backoff_strategy: z.enum(['linear', 'exponential', 'constant']),
    initial_delay_ms: milliseconds,
    max_delay_ms: milliseconds,
  })
  .partial();

const PlanExecutionSchema = z
  .strictObject({
    enabled: z.boolean(),
    timeout_seconds: seconds,
    retry_policy: RetryPolicySchema,
    error_handling: z
      .strictObject({
        on_api_failure: z.enum(['rollback_ledger', 'alert_only', 'continue']),
        on_ledger_failure: z.enum(['alert_admin', 'rollback_api', 'continue']),
        on_journal_failure: z.enum(['continue', 'alert_admin', 'fail_execution']),
      })
      .partial(),
    monitoring: z
      .strictObject({
        log_all_executions: z.boolean(),
        alert_on_slow_execution_ms: milliseconds.min(1),
        metrics_enabled: z.boolean(),
      })
      .partial(),
  })
  .partial();

const CoordinationSchema = z
  .strictObject({
    unknown_hold_seconds: seconds,
    settle_grace_seconds: seconds,
    unwind: z
      .strictObject({
        collar_bps: z.int().min(1).max(10_000),
        max_attempts: z.int().min(1).max(100),
        deadline_seconds: seconds,
      })
      .partial(),
    defer_retry_ms: milliseconds.min(1),
  })
  .partial();

const ReconciliationSchema = z.strictObject({ interval_seconds: z.int().min(0).max(86_400) }).partial();

const RecoverySchema = z.strictObject({ snapshot_records: z.int().min(0).max(1_000_000_000) }).partial();

const LimitsSchema = z
  .strictObject({
    max_commands_per_batch: z.int().min(1).max(1_000_000),
    history_groups: z.int().min(0).max(10_000_000),
  })
  .partial();

const OrchestrationSchema = z
  .strictObject({
    plan_execution: PlanExecutionSchema,
    flow_termination: z.strictObject({ alert_on_error: z.boolean() }).partial(),
    coordination: CoordinationSchema,
    reconciliation: ReconciliationSchema,
    recovery: RecoverySchema,
    limits: LimitsSchema,
    // Checked on its own below: a routing plan replaces the default as a whole, half of one means nothing.
    default_close_routing: z.record(z.string(), z.unknown()),
  })
  .partial();

/** The shape of `platform.yaml`: every key optional, unknown ones refused. Defaults are `parseConfig`'s. */
export const PlatformConfigSchema = z.strictObject({
  environment: z.enum(['backtest', 'paper', 'live']).optional(),
  orchestration: OrchestrationSchema.optional(),
  /** Overrides of `orchestration` for one environment, merged key by key. */
  profiles: z
    .strictObject({ backtest: OrchestrationSchema, paper: OrchestrationSchema, live: OrchestrationSchema })
    .partial()
    .optional(),
});

type Complete<T> = T extends object ? { readonly [K in keyof T]-?: Complete<Exclude<T[K], undefined>> } : T;

export type Environment = 'backtest' | 'paper' | 'live';
/** How a CLOSE without commands is routed: a RoutingPlan without its id. */
export type CloseRouting = Omit<RoutingPlan, 'plan_id'>;
export type Orchestration = Complete<Omit<z.infer<typeof OrchestrationSchema>, 'default_close_routing'>> & {
  readonly default_close_routing: CloseRouting;
};
export type RetryPolicy = Orchestration['plan_execution']['retry_policy'];

/** The configuration in force: defaults filled in, the environment's profile merged, frozen. */
export interface PlatformConfig {
  readonly environment: Environment;
  readonly orchestration: Orchestration;
  /** Settings that `live` would refuse (decision 12), as `path: value`. */
  readonly unsafe: readonly string[];
}

export type PlatformConfigInput = z.input<typeof PlatformConfigSchema> | PlatformConfig;

/**
 * Spec 4's values, but for `on_journal_failure`: its `continue` would mark every run UNSAFE (decision 12), so that
 * word has to be written. Coordination and limits are DESIGN section 4's. */
const DEFAULTS: Orchestration = {
  plan_execution: {
    enabled: true,
    timeout_seconds: 30,
    retry_policy: {
      max_retries: 3,
      backoff_strategy: 'exponential',
      initial_delay_ms: 100,
      max_delay_ms: 5_000,
    },
    error_handling: {
      on_api_failure: 'rollback_ledger',
      on_ledger_failure: 'alert_admin',
      on_journal_failure: 'fail_execution',
    },
    monitoring: { log_all_executions: true, alert_on_slow_execution_ms: 1_000, metrics_enabled: true },
  },
  flow_termination: { alert_on_error: true },
  coordination: {
    unknown_hold_seconds: 5,
    settle_grace_seconds: 5,
    unwind: { collar_bps: 100, max_attempts: 3, deadline_seconds: 60 },
    defer_retry_ms: 1_000,
  },
  reconciliation: { interval_seconds: 30 },
  recovery: { snapshot_records: 100_000 },
  limits: { max_commands_per_batch: 10_000, history_groups: 1_000 },
  default_close_routing: {
    execution_urgency: '0.9',
    visibility_preference: '0.5',
    max_slippage_pct: '0.01',
    must_complete_immediately: false,
  },
};

/** A simulated market's venue is as it says: nothing has to be compared with it unless somebody wants to. */
const DEFAULTS_IN_BACKTEST: Orchestration = { ...DEFAULTS, reconciliation: { interval_seconds: 0 } };

const ERROR_HANDLING = 'plan_execution.error_handling';
const parsed = new WeakSet<object>();

/**
 * Validates a platform configuration, merges the profile of its environment and fills in the defaults.
 * A configuration that this function made comes back as it is.
 *
 * @param file named in front of each message, as `FILE: orchestration.plan_execution.timeout_seconds: …`
 * @throws CONFIG with the path of each finding; in `live` also for `on_journal_failure` other than
 *   `fail_execution` and for `on_ledger_failure: continue` (decision 12)
 */
export function parseConfig(value: unknown, file?: string): PlatformConfig {
  if (typeof value === 'object' && value !== null && parsed.has(value)) return value as PlatformConfig;
  const input = asConfig(file, () => parseDto(PlatformConfigSchema, value ?? {}, ''));
  const environment = input.environment ?? 'backtest';
  const profile = input.profiles?.[environment];
  const defaults = environment === 'backtest' ? DEFAULTS_IN_BACKTEST : DEFAULTS;
  const merged = merge(merge(defaults, input.orchestration ?? {}), profile ?? {}) as Orchestration;
  const routingPath = `${origin(input, 'default_close_routing')}.default_close_routing`;
  const orchestration = { ...merged, default_close_routing: closeRouting(merged, routingPath, file) };
  const unsafe = unsafeSettings(orchestration);
  if (environment === 'live' && unsafe.length > 0) refuse(input, unsafe, file);
  const config: PlatformConfig = deepFreeze({
    environment,
    orchestration,
    unsafe: unsafe.map(([key, setting]) => `orchestration.${ERROR_HANDLING}.${key}: ${setting}`),
  });
  parsed.add(config);
  return config;
}

/** Which of a configuration's error policies are safe only where nothing real is at stake. */
function unsafeSettings(orchestration: Orchestration): (readonly [string, string])[] {
  const { on_journal_failure: journal, on_ledger_failure: ledger } =
    orchestration.plan_execution.error_handling;
  const found: (readonly [string, string])[] = [];
  if (journal !== 'fail_execution') found.push(['on_journal_failure', journal]);
  if (ledger === 'continue') found.push(['on_ledger_failure', ledger]);
  return found;
}

function refuse(
  input: z.infer<typeof PlatformConfigSchema>,
  unsafe: (readonly [string, string])[],
  file?: string,
): never {
  const issues = unsafe.map(([key, setting]) => ({
    path: `${origin(input, 'plan_execution', 'error_handling', key)}.${ERROR_HANDLING}.${key}`,
    message: `'${setting}' is refused in live${key === 'on_journal_failure' ? '; only fail_execution is allowed' : ''}`,
  }));
  throw configError(issues, file);
}

/** Where a setting was written: the profile of the environment wins over the common part. */
function origin(input: z.infer<typeof PlatformConfigSchema>, ...keys: readonly string[]): string {
  const environment = input.environment ?? 'backtest';
  let node: unknown = input.profiles?.[environment];
  for (const key of keys) node = isPlain(node) ? node[key] : undefined;
  return node === undefined ? 'orchestration' : `profiles.${environment}`;
}

function closeRouting(merged: Orchestration, path: string, file?: string): CloseRouting {
  // The plan's schema wants an id; the runtime mints one per command, so any valid id stands in here.
  const value = { plan_id: 'ROU_20000101_000000_00000000', ...merged.default_close_routing };
  if ('plan_id' in merged.default_close_routing) {
    throw configError(
      [{ path: `${path}.plan_id`, message: 'must be absent: each command gets its own' }],
      file,
    );
  }
  const { plan_id: _, ...routing } = asConfig(file, () => parseDto(RoutingPlanSchema, value, path));
  return routing;
}

/** Runs a parser and turns its VALIDATION into CONFIG, which is this input's class. */
function asConfig<T>(file: string | undefined, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FillwrightError && error.code === 'VALIDATION')
      throw configError(error.issues, file);
    throw error;
  }
}

function configError(issues: readonly Issue[], file?: string): FillwrightError {
  const named = issues.map((issue) => ({ ...issue, path: issue.path.replace(/^\./, '') }));
  const first = named[0];
  const where = [file, first?.path].filter((part) => part !== undefined && part !== '').join(': ');
  const more = named.length > 1 ? ` (+${named.length - 1} more)` : '';
  return new FillwrightError('CONFIG', `${where === '' ? '' : `${where}: `}${first?.message}${more}`, {
    issues: named,
  });
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deep merge of plain objects; the right side wins. `default_close_routing` is replaced as a whole. */
function merge(base: object, over: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const old = result[key];
    const mergeable = key !== 'default_close_routing' && isPlain(old) && isPlain(value);
    result[key] = mergeable ? merge(old, value) : value;
  }
  return result;
}

/**
 * How long to wait before a retry, ms. Pure; attempt 1 is the first retry.
 * linear: initial × attempt; exponential: initial × 2^(attempt − 1); constant: initial; never above `max_delay_ms`.
 */
export function backoffDelay(policy: RetryPolicy, attempt: number): number {
  const factor = { constant: 1, linear: attempt, exponential: 2 ** (attempt - 1) }[policy.backoff_strategy];
  return Math.min(policy.initial_delay_ms * factor, policy.max_delay_ms);
}
