/**
 * The account at the simulated venue: holdings by asset, and what open orders hold back.
 *
 * Owns the sums. Which order needs how much is engine.ts's. Decimal strings throughout, exact.
 */
import { add, cmp, sub } from '../../dtos/decimal.js';

export class Account {
  /** False: cash is unlimited, and may go below zero here. */
  readonly isLimited: boolean;
  readonly #total = new Map<string, string>();
  readonly #locked = new Map<string, string>();

  /** @param balances null for unlimited cash and no holdings */
  constructor(balances: Readonly<Record<string, string>> | null) {
    this.isLimited = balances !== null;
    for (const [asset, amount] of Object.entries(balances ?? {})) this.#total.set(asset, amount);
  }

  total(asset: string): string {
    return this.#total.get(asset) ?? '0';
  }

  free(asset: string): string {
    return sub(this.total(asset), this.#locked.get(asset) ?? '0');
  }

  covers(asset: string, amount: string): boolean {
    return cmp(this.free(asset), amount) >= 0;
  }

  move(asset: string, amount: string): void {
    this.#total.set(asset, add(this.total(asset), amount));
  }

  /** A negative amount releases. */
  lock(asset: string, amount: string): void {
    this.#locked.set(asset, add(this.#locked.get(asset) ?? '0', amount));
  }

  totals(): Record<string, string> {
    return Object.fromEntries([...this.#total.keys()].map((asset) => [asset, this.total(asset)]));
  }

  freeBalances(): Record<string, string> {
    return Object.fromEntries([...this.#total.keys()].map((asset) => [asset, this.free(asset)]));
  }
}
