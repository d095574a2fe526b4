/**
 * Millions of short steps, between which other work goes on.
 *
 * @module
 */

/** Steps between two turns of the event loop: a few milliseconds of work. */
const STEPS = 1 << 13;

/**
 * Calls a function with each of many items. Every few thousand of them, what
 * else waits for the event loop has its turn, such as a signal to stop.
 *
 * @param items The items, which are at hand.
 * @param visit What to do with one.
 * @param signal Ends it early, with the signal's reason.
 */
export async function visitAll<T>(
  items: Iterable<T>,
  visit: (item: T) => void,
  signal?: AbortSignal,
): Promise<void> {
  let left = STEPS;
  for (const item of items) {
    visit(item);
    left--;
    if (left > 0) continue;
    left = STEPS;
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
  }
}
