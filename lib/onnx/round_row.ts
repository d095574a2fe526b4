/**
 * Rounding a row of a matrix so that errors of its products cancel.
 *
 * @module
 */

/** Largest integer: -128 is left out, so that the range is symmetric. */
export const LARGEST = 127;

/**
 * Part of the mean channel that is added to each: channels that are hardly
 * used must not be moved far.
 */
const DAMPING = 0.01;

/** Vectors that a layer reads, channel by channel. */
export interface Samples {
  /** Numbers [channels, count]. */
  readonly data: Float32Array;
  /** Number of vectors. */
  readonly count: number;
  /** Squared length of each channel, with damping [channels]. */
  readonly squares: Float32Array;
}

/**
 * Lays out vectors for {@linkcode roundRow}.
 *
 * @param vectors Vectors that a layer reads, each [channels].
 * @param factors What each channel is multiplied by first; absent for none.
 */
export function samplesOf(
  vectors: readonly Float32Array[],
  factors?: Float32Array,
): Samples {
  const count = vectors.length;
  const channels = vectors[0]?.length ?? 0;
  const data = new Float32Array(channels * count);
  const squares = new Float32Array(channels);
  let total = 0;
  for (let j = 0; j < channels; j++) {
    const factor = factors?.[j] ?? 1;
    let sum = 0;
    for (let t = 0; t < count; t++) {
      const value = vectors[t]![j]! * factor;
      data[j * count + t] = value;
      sum += value * value;
    }
    squares[j] = sum;
    total += sum;
  }
  const damping = DAMPING * total / channels;
  return { data, count, squares: squares.map((sum) => sum + damping) };
}

/**
 * Rounds a row to multiples of a step. Each number makes up for the errors that
 * those before it leave in the products with the samples (GPFQ, arXiv
 * 2010.15979, with damping): plain rounding leaves errors that all inputs with
 * a common part share.
 *
 * @returns Integers from -127 to 127.
 */
export function roundRow(
  row: Float32Array,
  step: number,
  { data, count, squares }: Samples,
): Int8Array {
  const integers = new Int8Array(row.length);
  const left = new Float32Array(count);
  for (let j = 0, place = 0; j < row.length; j++, place += count) {
    let product = 0;
    for (let t = 0; t < count; t++) product += left[t]! * data[place + t]!;
    const owed = squares[j] === 0 ? 0 : product / squares[j]!;
    const nearest = Math.round((row[j]! + owed) / step);
    const integer = Math.max(-LARGEST, Math.min(LARGEST, nearest));
    integers[j] = integer;
    const error = row[j]! - integer * step;
    for (let t = 0; t < count; t++) left[t]! += error * data[place + t]!;
  }
  return integers;
}
