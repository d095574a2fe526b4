/**
 * Waits for a promise or for an abort signal, whichever comes first. The
 * listener is removed afterwards, so a long-lived signal does not keep old
 * results in memory, as repeated `Promise.race` on one promise would.
 *
 * @module
 */

/** Waits for work, or until the signal is aborted and `end` ends the wait. */
async function firstOf<T, U>(
  work: Promise<T>,
  signal: AbortSignal,
  end: (wait: PromiseWithResolvers<U>) => void,
): Promise<T | U> {
  const wait = Promise.withResolvers<U>();
  const stop = () => end(wait);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, wait.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Waits for work unless a signal is aborted first.
 *
 * @param work What to wait for; it is not ended by the signal.
 * @param signal Ends the wait, with its reason.
 */
export async function orAbort<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await work;
  const end = ({ reject }: PromiseWithResolvers<T>) => reject(signal.reason);
  return await firstOf(work, signal, end);
}

/**
 * Waits for work unless a signal is aborted first.
 *
 * @param work What to wait for; it is not ended by the signal.
 * @param signal Ends the wait.
 * @returns What the work gives; undefined where the signal came first.
 */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const end = ({ resolve }: PromiseWithResolvers<undefined>) =>
    resolve(undefined);
  return await firstOf(work, signal, end);
}
