/**
 * Scores of millions of images, eight bytes each.
 *
 * @module
 */
import type { ScoreSeries } from "./decision.ts";

/** Scores of a chunk. */
const CHUNK = 1 << 10;

/** Scores outside of the heap of objects, which they would make grow. */
export class PackedScores implements ScoreSeries {
  readonly #chunks: Float64Array[] = [];
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds a score. */
  add(score: number): void {
    const at = this.#length % CHUNK;
    if (at === 0) this.#chunks.push(new Float64Array(CHUNK));
    this.#chunks.at(-1)![at] = score;
    this.#length++;
  }

  /** All of them, as they were added. */
  *[Symbol.iterator](): Generator<number> {
    for (let i = 0; i < this.#length; i++) {
      yield this.#chunks[Math.floor(i / CHUNK)]![i % CHUNK]!;
    }
  }
}
