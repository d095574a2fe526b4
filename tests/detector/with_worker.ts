/**
 * Runs a test with a stand-in for the workers that start meanwhile.
 *
 * @module
 */

/** Does work while `StandIn` is the global `Worker`. */
export async function withWorker<T>(
  StandIn: typeof Worker,
  work: () => Promise<T>,
): Promise<T> {
  const { Worker: real } = globalThis;
  globalThis.Worker = StandIn;
  try {
    return await work();
  } finally {
    globalThis.Worker = real;
  }
}
