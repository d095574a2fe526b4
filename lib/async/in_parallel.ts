/**
 * Work on several items at a time.
 *
 * @module
 */

/** Options of {@linkcode inParallel}. */
export interface ParallelOptions {
  /** How many at a time. */
  readonly limit: number;
  /** Stops all work. */
  readonly signal: AbortSignal;
}

/**
 * Works on several items at a time. The first failure stops the others, whose
 * errors are then ignored.
 *
 * @param items The items, begun in order.
 * @param work Works on one of them until it is done or the signal is aborted.
 * @throws {Error} The first failure, after all work has ended.
 */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T, signal: AbortSignal) => Promise<void>,
  { limit, signal: outer }: ParallelOptions,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const queue = items.values();
  const workers = Array.from({ length: limit }, async () => {
    try {
      for (const item of queue) {
        signal.throwIfAborted();
        await work(item, signal);
      }
    } catch (error) {
      stop.abort(error);
    }
  });
  await Promise.all(workers);
  stop.signal.throwIfAborted();
}
