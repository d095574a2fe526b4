/**
 * Several things at a time.
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
 * Works through items, several at a time. At the first failure the others are
 * told to stop; what they then throw is not heard.
 *
 * @param items The items, begun in order.
 * @param work Works on one of them until it is done or the signal is aborted.
 * @param options How many at a time.
 * @throws {Error} The first failure, once no work is under way any more.
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
