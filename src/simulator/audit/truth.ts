/**
 * What the auditor may know beside the journal: the simulated exchange's truth, and what reached it.
 *
 * Owns shapes only. Quantities are units of 10⁻⁸.
 */
import type { PlaceOrder } from '../../dtos/venue.js';

export interface TruthExecution {
  readonly execId: string;
  readonly quantity: number;
  readonly price: string;
  isBusted: boolean;
}

/** An order that the exchange has accepted. */
export interface TruthOrder {
  readonly clientOrderId: string;
  readonly order: PlaceOrder;
  readonly quantity: number;
  /** Executed, what was taken back not counted. */
  cum: number;
  /** The most that was ever executed. */
  peak: number;
  isOpen: boolean;
  /** How often a place of this id was accepted, copies made by the transport not counted. */
  accepted: number;
  readonly executions: Map<string, TruthExecution>;
}

/** Told of every change of the truth, at once, whatever is reported of it. */
export interface TruthListener {
  accepted(order: TruthOrder, at: number): void;
  executed(order: TruthOrder, execution: TruthExecution): void;
  ended(order: TruthOrder): void;
  /** An execution was taken back; `replacement`: it was corrected. */
  busted(order: TruthOrder, execution: TruthExecution, replacement: TruthExecution | null): void;
}

/** Told of every request that the runtime makes of a venue, before anything comes of it. */
export interface RequestListener {
  placed(venue: string, order: PlaceOrder, at: number): void;
  cancelRequested(clientOrderId: string, at: number): void;
  queried(clientOrderId: string, at: number): void;
}
