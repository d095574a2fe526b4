/**
 * Means and variances of channels over many patches.
 *
 * @module
 */
import type { ChannelStatistics } from "./memory.ts";

/** Keeps channels that never vary from being divided by 0. */
const LEAST_SPREAD = 1e-6;

/** This part of the overall deviation is added to that of each channel. */
const SHARED_SPREAD = 1e-3;

/** Sums over the rows that were added. */
export class Moments {
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  #rows = 0;

  /** Starts without rows. */
  constructor(width: number) {
    this.#sums = new Float64Array(width);
    this.#squares = new Float64Array(width);
  }

  /** Adds rows of numbers. */
  add(rows: Float32Array): void {
    const width = this.#sums.length;
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]!;
      this.#sums[i % width]! += value;
      this.#squares[i % width]! += value * value;
    }
    this.#rows += rows.length / width;
  }

  /** Mean of each channel. */
  means(): Float64Array {
    return this.#sums.map((sum) => sum / this.#rows);
  }

  /** Variance of each channel, by one less than the rows. */
  variances(): Float64Array {
    return this.#squares.map((squares, i) =>
      variance(squares, this.#sums[i]!, this.#rows)
    );
  }

  /** What standardising takes. */
  statistics(): ChannelStatistics {
    const add = (a: number, b: number) => a + b;
    const overall = variance(
      this.#squares.reduce(add, 0),
      this.#sums.reduce(add, 0),
      this.#rows * this.#sums.length,
    );
    const shared = SHARED_SPREAD * Math.sqrt(overall);
    return {
      mean: Float32Array.from(this.means()),
      spread: Float32Array.from(
        this.variances(),
        (value) => Math.max(Math.sqrt(value) + shared, LEAST_SPREAD),
      ),
    };
  }
}

function variance(squares: number, sum: number, count: number): number {
  return Math.max(squares - sum * sum / count, 0) / Math.max(count - 1, 1);
}
