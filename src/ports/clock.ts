/** The clock port: UTC epoch milliseconds, and one kind of timer. The only way the runtime learns the time. */
export interface Clock {
  now(): number;
  /** Calls back once at or after `at` (epoch ms). The returned function disarms it. */
  at(at: number, callback: () => void): () => void;
}
