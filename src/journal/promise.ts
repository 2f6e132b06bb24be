/** Telling a disk that waits from one that does not; a host's disk may come from another realm. */
export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof (value as Promise<T> | undefined)?.then === 'function';
