/**
 * The interval of a rate that was counted.
 *
 * @module
 */

/** A rate, and where it may lie. */
export interface CountedRate {
  /** How often it happened. */
  readonly count: number;
  /** Out of how many. */
  readonly of: number;
  /** count / of. */
  readonly rate: number;
  /** The rate lies between these with a probability of 95 % or more. */
  readonly interval: readonly [low: number, high: number];
}

/** Half of what is left out of an interval of 95 %. */
const TAIL = 0.025;

/** log of n! for n up to `most`. */
function logFactorials(most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let n = 2; n <= most; n++) logs[n] = logs[n - 1]! + Math.log(n);
  return logs;
}

/** Finds where a function that rises from below 0 to above 0 is 0. */
function bisect(f: (x: number) => number): number {
  let [low, high] = [0, 1];
  // 60 halvings of [0, 1] reach the last bit.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Computes a rate with its Clopper-Pearson interval of 95 %. It is exact: the
 * true rate lies outside with a probability of at most 5 %, for any number of
 * trials. That holds as well for the rate of scores above a threshold that is
 * itself one of the scores, or lies between two of them.
 *
 * @see https://doi.org/10.1093/biomet/26.4.404
 *
 * @param count How often it happened.
 * @param of Out of how many.
 * @throws {RangeError} If the numbers are not integers with
 * 0 <= count <= of and of > 0.
 */
export function clopperPearson(count: number, of: number): CountedRate {
  const isCount = Number.isInteger(count) && Number.isInteger(of);
  if (!isCount || of < 1 || count < 0 || count > of) {
    throw new RangeError(
      `Cannot compute an interval as the count must be between 0 and the number of trials: current value is ${count} of ${of}`,
    );
  }
  const logs = logFactorials(of);
  /** Probability of at most `most` of `of` at this rate. */
  const atMost = (most: number, rate: number) => {
    let sum = 0;
    for (let k = 0; k <= most; k++) {
      const log = logs[of]! - logs[k]! - logs[of - k]! +
        k * Math.log(rate) + (of - k) * Math.log1p(-rate);
      sum += Math.exp(log);
    }
    return sum;
  };
  const low = count === 0
    ? 0
    : bisect((rate) => 1 - atMost(count - 1, rate) - TAIL);
  const high = count === of ? 1 : bisect((rate) => TAIL - atMost(count, rate));
  return { count, of, rate: count / of, interval: [low, high] };
}
