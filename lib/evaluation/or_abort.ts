/**
 * Waiting that a signal can end.
 *
 * @module
 */

/**
 * Waits for work unless a signal is aborted first. Nothing of the work is kept
 * once it is done, so that it can be called again and again with one signal: a
 * promise that is raced against many others would keep what each resolved to.
 *
 * @param work What to wait for; it is not ended by the signal.
 * @param signal Ends the wait, with its reason.
 * @returns What the work gives.
 */
export async function orAbort<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return await work;
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
