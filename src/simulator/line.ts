/**
 * The line from an exchange to the runtime: reports are late, lost, repeated, reordered, garbled; then it goes down.
 *
 * Owns the faults between what is true and what is said of it (8, 13, 16, 17, 18, 19, 25, 26). Answers to questions
 * travel on it too, but are only late, within bounds: a question has one answer.
 */
import type { Report } from '../dtos/venue.js';
import type { Clock } from '../ports/clock.js';
import type { FaultDraws } from './fault-draws.js';

const KEPT = 12;
const REORDER_MS = 3_000;
const LATE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface LineParts {
  readonly clock: Clock;
  readonly faults: FaultDraws;
  readonly latencyMs: number;
  /** Executions may be lost: whoever listens asks for all of them from time to time. */
  readonly reconciles: boolean;
  /** Hands a report over; false: nobody listens. */
  readonly deliver: (report: Report) => boolean;
}

export class Line {
  readonly #parts: LineParts;
  readonly #past: Report[] = [];
  #downUntil = 0;
  /** What arrived while the line was down and must not be lost. */
  #held: Report[] = [];

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  get latencyMs(): number {
    return this.#parts.latencyMs;
  }

  get isDown(): boolean {
    return this.#parts.clock.now() < this.#downUntil;
  }

  /** A report sets out. `isImplied`: what it says follows from a status, so that it may be lost even if it is a fill. */
  tell(report: Report, isImplied = false): void {
    const { faults, latencyMs } = this.#parts;
    const id = report.clientOrderId;
    const isFill = FILLS.has(report.type);
    if ((!isFill || isImplied || this.#canList(report)) && faults.strikes(18, id)) return;
    const skewed = faults.strikes(26, id) ? this.#skewed(report) : report;
    let delay = latencyMs;
    if (isFill && faults.strikes(13, id)) delay += faults.of(13).below(LATE_MS);
    else if (faults.strikes(17, id)) delay += faults.of(17).below(REORDER_MS);
    this.#send(skewed, delay);
    if (faults.strikes(16, id))
      this.#send(skewed, delay + (faults.of(16).chance(500_000) ? 0 : faults.of(16).below(10_000)));
    if (faults.strikes(8, id)) this.#send(this.#garbled(report), delay);
    this.#keep(skewed);
    if (faults.strikes(19, id)) this.replay(faults.of(19).from(1, KEPT));
  }

  /** The answer to a question, at most `lateMs` late; none when it has become a lie on its way. */
  answer(report: Report, lateMs: number, holds: () => boolean = () => true): void {
    const { clock, faults, latencyMs } = this.#parts;
    const late = faults.strikes(17, report.clientOrderId) ? faults.of(17).below(lateMs + 1) : 0;
    const delay = latencyMs + late;
    if (delay === 0) this.#arrive(report);
    else
      clock.at(clock.now() + delay, () => {
        if (holds()) this.#arrive(report);
      });
  }

  /** The last reports come once more. */
  replay(count: number): void {
    for (const report of this.#past.slice(-count)) this.#send(report, this.#parts.latencyMs);
  }

  /** Nothing gets through until then. */
  goDown(until: number): void {
    this.#downUntil = until;
  }

  /** What must not be lost comes now, and what was said last comes again. */
  comeUp(replayed: number): void {
    this.#downUntil = 0;
    this.flush();
    this.replay(replayed);
  }

  /** To be told when somebody listens again. */
  hold(report: Report): void {
    this.#held.push(report);
  }

  /** Somebody listens: what was held comes now. */
  flush(): void {
    if (this.isDown || this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    for (const report of held) this.#arrive(report);
  }

  #keep(report: Report): void {
    this.#past.push(report);
    if (this.#past.length > KEPT) this.#past.shift();
  }

  #send(report: Report, delay: number): void {
    const { clock } = this.#parts;
    if (delay === 0) this.#arrive(report);
    else clock.at(clock.now() + delay, () => this.#arrive(report));
  }

  #arrive(report: Report): void {
    if (!this.isDown && this.#parts.deliver(report)) return;
    if (FILLS.has(report.type) && !this.#canList(report)) this.#held.push(report);
  }

  /** A venue's history has every execution, and says nothing of what it took back. */
  #canList({ type }: Report): boolean {
    return this.#parts.reconciles && type === 'TRADE';
  }

  #skewed(report: Report): Report {
    const random = this.#parts.faults.of(26);
    const off = random.chance(500_000) ? 1_000 : random.below(DAY_MS);
    return { ...report, at: report.at + (random.chance(500_000) ? off : -off) };
  }

  /** As a broken body would come out of a careless adapter; the good one has gone out as well. */
  #garbled(report: Report): Report {
    if (report.type === 'TRADE')
      return { ...report, execId: `${report.execId}?`, quantity: 'NaN', price: '' };
    if (report.type === 'STATUS') return { ...report, cumQty: '-1' };
    const { clientOrderId, at } = report;
    return { type: 'NO_ANSWER', clientOrderId, at, request: 'QUERY', reason: 'unexpected end of JSON' };
  }
}

const FILLS: ReadonlySet<string> = new Set(['TRADE', 'TRADE_CANCEL', 'TRADE_CORRECT']);
