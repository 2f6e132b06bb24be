/**
 * The plan of a strategy that follows the market: it has no schedule before it has seen what trades.
 *
 * Owns asking its planner along the scenario's market from the start of its leg, as if every order filled at once at
 * its price. What it would send then is its schedule. No runtime, no order; the market is opened anew for each leg.
 */
import { SimulatedClock } from '../clock/simulated-clock.js';
import { createSimulatedVenue } from '../connectors/simulated/venue.js';
import { openMarket } from '../market/open.js';
import { Replay } from '../market/replay.js';
import type { AnyStrategy, Ask, PlannedSlice, StrategyContext } from '../strategies/index.js';
import type { Scenario } from './scenario.js';
import { SCENARIO_VENUE } from './scenario-checks.js';

/** A planner is asked at most this often: one that never gets on must not keep `plan` for ever. */
const ASKS_MAX = 1_000_000;

/** Slices at the times and prices at which the planner would send them; none where the market shows nothing. */
export function followed(
  scenario: Scenario,
  planner: AnyStrategy,
  context: StrategyContext<unknown>,
): readonly PlannedSlice[] {
  const { instruments, market, baseDir } = scenario;
  const source = openMarket(market, baseDir, instruments);
  const clock = new SimulatedClock(source.startsAt);
  const venue = createSimulatedVenue({ clock, instruments, venue: scenario.venue, name: SCENARIO_VENUE });
  const replay = new Replay({ clock, source, venue });
  const follower = new Follower(planner, context);
  const ask = (): void => {
    const at = follower.ask(clock.now(), venue.view(context.instrument.symbol));
    if (at !== null) clock.at(at, ask);
  };
  clock.at(context.startedAt, ask);
  // Timers go on after the market's end; there is nothing left to follow.
  while (!follower.isDone && !replay.ended && replay.step());
  return follower.slices;
}

class Follower {
  readonly slices: PlannedSlice[] = [];
  isDone = false;
  #context: StrategyContext<unknown>;
  #state: unknown = null;
  #filled = 0;
  #why: Ask = 'START';
  #asks = 0;

  constructor(
    readonly planner: AnyStrategy,
    context: StrategyContext<unknown>,
  ) {
    this.#context = context;
  }

  /** Asks until the planner wants to wait; when to ask again, null for never. */
  ask(now: number, view: Parameters<AnyStrategy['decide']>[3]): number | null {
    const { target, endsAt } = this.#context;
    this.#begin(view);
    for (;;) {
      this.#asks += 1;
      if (this.#asks > ASKS_MAX || (endsAt !== null && now >= endsAt)) break;
      const progress = {
        cap: target,
        limitPrice: null,
        filled: this.#filled,
        leaves: 0,
        unknown: 0,
        live: 0,
      };
      const decision = this.planner.decide(this.#context, this.#state, progress, view, now, this.#why);
      this.#state = decision.state;
      this.#why = decision.deferred ? this.#why : 'WAKE';
      for (const { quantity, price } of decision.orders) {
        this.slices.push({ at: now, quantity, price });
        this.#filled += quantity;
      }
      if (this.#filled >= target || decision.done === true || decision.fault !== undefined) break;
      if (decision.orders.length > 0 && this.planner.asksOnOrderEnd === true) {
        this.#why = 'ORDER_ENDED';
        continue;
      }
      if (decision.exhausted || decision.wakeAt === null) break;
      if (decision.wakeAt > now) return decision.wakeAt;
    }
    this.isDone = true;
    return null;
  }

  /** As a group does at its start: its state, and the volume that had traded by then. */
  #begin(view: Parameters<AnyStrategy['decide']>[3]): void {
    if (this.#state === null) this.#state = this.planner.initial(this.#context);
    if (this.#context.startVolume === undefined && view !== null)
      this.#context = { ...this.#context, startVolume: view.volume ?? '0' };
  }
}
