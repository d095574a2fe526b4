/**
 * How often further scores reach a value, from a sample of scores.
 *
 * @module
 */

/** This part of the scores, the largest, tells how the rest goes on. */
const TAIL_SHARE = 0.25;

/** Keeps what is divided by away from 0, where scores are equal. */
const LEAST_EXCESS = 1e-6;

/** More than chances, which are decimals, are rounded by. */
const ROUNDING = 1e-9;

function descending(scores: readonly number[]): Float64Array {
  if (scores.length < 2 || !scores.every(Number.isFinite)) {
    throw new RangeError(
      `Cannot learn from scores as there must be at least 2 finite ones: current value is ${scores.length} scores`,
    );
  }
  return Float64Array.from(scores).sort().reverse();
}

/**
 * The chance that a further score of the same kind reaches a value.
 *
 * Of n scores, the j-th largest is reached with a chance of j / (n + 1), whatever
 * their distribution; between two scores the chance is interpolated. Beyond the
 * largest score nothing is known, so a law must be assumed: the k largest scores
 * exceed the next one, u, by amounts of an exponential distribution, as the
 * maxima of many values do. Their mean excess m is known from k amounts only,
 * which makes the chance of u + c m
 *
 *     (k + 1) / (n + 1) (1 + c / k)^-k.
 */
export class Exceedance {
  /** The scores, the largest first. */
  readonly #scores: Float64Array; // [n]
  /** How many scores make up the tail. */
  readonly #tail: number;
  readonly #start: number;
  readonly #excess: number;

  /**
   * Learns a sample.
   *
   * @throws {RangeError} If there are fewer than 2 scores, or one that is not
   * finite.
   */
  constructor(scores: readonly number[]) {
    const sorted = descending(scores);
    const tail = Math.min(
      Math.max(Math.round(sorted.length * TAIL_SHARE), 2),
      sorted.length - 1,
    );
    const start = sorted[tail]!;
    const sum = sorted.subarray(0, tail).reduce((a, b) => a + b - start, 0);
    this.#scores = sorted;
    this.#tail = tail;
    this.#start = start;
    this.#excess = Math.max(sum / tail, LEAST_EXCESS);
  }

  /** Least chance that the scores themselves tell of. */
  get finest(): number {
    return 1 / (this.#scores.length + 1);
  }

  /**
   * The chance that a further score is at least this large.
   *
   * @returns Between 0 and 1.
   */
  chanceOf(score: number): number {
    const scores = this.#scores;
    const n = scores.length;
    if (score > scores[0]!) {
      const steps = (score - this.#start) / (this.#excess * this.#tail);
      const share = (this.#tail + 1) / (n + 1);
      return Math.min(share * (1 + steps) ** -this.#tail, this.finest);
    }
    // The first score below: the chance lies between those of two scores.
    const below = scores.findIndex((other) => other < score);
    if (below < 0) return n / (n + 1);
    const [upper, lower] = [scores[below - 1]!, scores[below]!];
    const part = (upper - score) / (upper - lower);
    return (below + part) / (n + 1);
  }

  /**
   * The value that a further score reaches with this chance.
   *
   * @param chance More than 0, less than 1.
   */
  scoreOf(chance: number): number {
    const scores = this.#scores;
    const n = scores.length;
    // The chance may be 1 - 0.8, which is a little less than 0.2.
    const exact = chance * (n + 1);
    const whole = Math.round(exact);
    const place = Math.abs(exact - whole) < ROUNDING ? whole : exact;
    if (place < 1) {
      const share = (this.#tail + 1) / place;
      const steps = share ** (1 / this.#tail) - 1;
      const beyond = this.#start + this.#excess * this.#tail * steps;
      return Math.max(beyond, scores[0]!);
    }
    const at = Math.min(Math.floor(place), n);
    const upper = scores[at - 1]!;
    const lower = scores[at] ?? upper;
    return upper + (place - at) * (lower - upper);
  }
}

/**
 * How many scores tell of a chance without an assumption about their
 * distribution.
 *
 * @param chance More than 0, less than 1.
 */
export function scoresNeeded(chance: number): number {
  return Math.ceil(1 / chance - 1 - ROUNDING);
}
