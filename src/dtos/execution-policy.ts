/**
 * ExecutionPolicy: how the legs of a batch are coordinated. A policy travels unchanged, nobody interprets it on the
 * way (spec 2, section 2.2).
 */
import { z } from 'zod';
import { BatchExecutionMode, OnLegFailure } from './enums.js';
import { fraction, seconds } from './primitives.js';
import { dto, optional } from './structure.js';

/** The policy's fields, as a batch repeats them one to one. */
export const policyShape = {
  mode: z.enum(BatchExecutionMode).default('INDEPENDENT'),
  /** From the batch's activation, in absolute time. */
  timeout_seconds: optional(seconds),
  on_leg_failure: z.enum(OnLegFailure).default('UNWIND'),
  /** How far ahead of the slowest leg a leg may be, as a fraction of its target. */
  max_leg_imbalance: optional(fraction),
  max_legging_seconds: optional(seconds),
};

export const ExecutionPolicySchema = dto('ExecutionPolicy', policyShape);
export type ExecutionPolicy = z.output<typeof ExecutionPolicySchema>;
export type ExecutionPolicyInput = z.input<typeof ExecutionPolicySchema>;
