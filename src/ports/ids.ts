/** The id port: where randomness enters. Ids themselves are minted from the seed, so that a replay mints them again. */
export interface IdSource {
  /** A fresh seed for one runtime, at least 32 bits of randomness (or fixed, for a reproducible run). */
  seed(): string;
}
