/**
 * Exact sums kept for each of the 65,536 float16 bit patterns.
 *
 * @module
 */

/** How many float16 bit patterns there are. */
export const FLOAT16_PATTERNS = 65536;

const SIGN = 0x8000;
const INFINITY_BITS = 0x7c00;
const WORD = 2 ** 32;

/**
 * One bit pattern for each float16 number, highest first: infinity down to
 * zero, then down to minus infinity. NaN is left out, and so is -0, which the
 * tallies count as zero.
 */
export const DESCENDING_PATTERNS: Uint16Array = Uint16Array.from(
  { length: 2 * INFINITY_BITS + 1 },
  (_, k) => k <= INFINITY_BITS ? INFINITY_BITS - k : SIGN + k - INFINITY_BITS,
);

/** Whether a pattern is one of {@linkcode DESCENDING_PATTERNS}. */
export function isCounted(bits: number): boolean {
  return bits < FLOAT16_PATTERNS && bits !== SIGN &&
    bits % SIGN <= INFINITY_BITS;
}

/** Whether any NaN was counted. */
export function countsNaN(counts: Uint32Array): boolean {
  for (let bits = INFINITY_BITS + 1; bits < SIGN; bits++) {
    if (counts[bits] !== 0 || counts[SIGN + bits] !== 0) return true;
  }
  return false;
}

/** Moves what was counted for -0 to zero. */
function joinZeros(sums: Float64Array): void {
  sums[0]! += sums[SIGN]!;
  sums[SIGN] = 0;
}

/**
 * A count for each pattern, exact up to 2^53. Counting itself is done by the
 * caller in 32-bit integers, which stay fast where one value repeats.
 */
export class Tally {
  readonly #recent = new Uint32Array(FLOAT16_PATTERNS);
  readonly #totals = new Float64Array(FLOAT16_PATTERNS);
  #room = WORD - 1;

  /** Counters that may be incremented `increments` times in all. */
  reserve(increments: number): Uint32Array {
    if (increments > this.#room) this.totals();
    this.#room -= increments;
    return this.#recent;
  }

  /** All counts so far, to be read or added to. */
  totals(): Float64Array {
    const recent = this.#recent;
    const totals = this.#totals;
    for (let i = 0; i < FLOAT16_PATTERNS; i++) totals[i]! += recent[i]!;
    joinZeros(totals);
    recent.fill(0);
    this.#room = WORD - 1;
    return totals;
  }
}

/** Sums in two words each: `high * 2^32 + low`, with low below 2^32. */
export interface WideSums {
  /** High words. */
  readonly high: Float64Array; // [65536]
  /** Low words. */
  readonly low: Float64Array; // [65536]
}

/** A sum of integers for each pattern, exact up to 2^85. */
export class WideTally {
  readonly #high = new Float64Array(FLOAT16_PATTERNS);
  readonly #low = new Float64Array(FLOAT16_PATTERNS);
  #room = 2 ** 53 - WORD;

  /** Sums that may be raised by integers of `amount` (below 2^52) in all. */
  reserve(amount: number): Float64Array {
    if (amount > this.#room) this.totals();
    this.#room -= amount;
    return this.#low;
  }

  /** All sums so far. */
  totals(): WideSums {
    const high = this.#high;
    const low = this.#low;
    joinZeros(low);
    for (let i = 0; i < FLOAT16_PATTERNS; i++) {
      const carry = Math.floor(low[i]! / WORD);
      high[i]! += carry;
      low[i]! -= carry * WORD;
    }
    this.#room = 2 ** 53 - WORD;
    return { high, low };
  }

  /** Adds the sums of another tally. */
  add(sums: WideSums): void {
    const { high, low } = this.totals();
    for (let i = 0; i < FLOAT16_PATTERNS; i++) {
      high[i]! += sums.high[i]!;
      low[i]! += sums.low[i]!;
    }
    this.totals();
  }
}
