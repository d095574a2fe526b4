/**
 * Work that starts before its result is asked for.
 *
 * @module
 */

function ignore(): void {}

/**
 * Starts work on the next items while the consumer is busy with earlier ones,
 * and yields the results in the order of the items.
 *
 * @param width How many items are worked on besides the one awaited.
 * @returns The results; one that rejects ends the iteration.
 */
export async function* ahead<T, R>(
  items: AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  width: number,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    result.catch(ignore);
    pending.push(result);
    if (pending.length > width) yield await pending.shift()!;
  }
  for (const result of pending) yield await result;
}

/**
 * Groups items into batches; the last one may be smaller.
 */
export async function* batches<T>(
  items: AsyncIterable<T>,
  size: number,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Asks for items before the consumer does, so that what makes them does not
 * stand still while the consumer is busy.
 *
 * @param items The items; they are made one after the other.
 * @param size How many are asked for besides the one awaited.
 */
export async function* eager<T>(
  items: AsyncIterable<T>,
  size: number,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  const asked: Promise<IteratorResult<T>>[] = [];
  const ask = () => {
    const step = iterator.next();
    step.catch(ignore);
    asked.push(step);
  };
  for (let i = 0; i < size; i++) ask();
  try {
    while (true) {
      ask();
      const step = await asked.shift()!;
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await iterator.return?.();
  }
}
