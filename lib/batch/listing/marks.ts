/**
 * Positions of some of many things, a bit each.
 *
 * @module
 */

const FIRST_BYTES = 1 << 10;

/** A set of positions. */
export class Marks {
  #bits = new Uint8Array(FIRST_BYTES);
  #size = 0;

  /** How many positions are marked. */
  get size(): number {
    return this.#size;
  }

  /** Marks a position. */
  add(position: number): void {
    if (this.has(position)) return;
    const byte = position >> 3;
    if (byte >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(byte + 1, 2 * this.#bits.length));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[byte]! |= 1 << (position & 7);
    this.#size++;
  }

  /** Whether a position is marked. */
  has(position: number): boolean {
    return ((this.#bits[position >> 3] ?? 0) >> (position & 7) & 1) === 1;
  }

  /** Things whose positions are not marked, again and again. */
  leave<T>(items: Iterable<T>): Iterable<T> {
    if (this.#size === 0) return items;
    const has = (position: number) => this.has(position);
    return {
      *[Symbol.iterator]() {
        let position = 0;
        for (const item of items) if (!has(position++)) yield item;
      },
    };
  }
}
