/**
 * Work in threads of native code. The process crashes when a worker is ended
 * while they work for it, so that whoever ends one waits for them first.
 *
 * @module
 */

const running = new Set<Promise<unknown>>();

/**
 * Counts native work until it is over.
 *
 * @param work The work.
 * @returns The same.
 */
export function counted<T>(work: Promise<T>): Promise<T> {
  running.add(work);
  const end = () => running.delete(work);
  work.then(end, end);
  return work;
}

/** Waits until no native work of this worker is running. */
export async function nativeWorkDone(): Promise<void> {
  while (running.size > 0) await Promise.allSettled(running);
}
