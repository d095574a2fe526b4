/**
 * Integer random numbers, the same on every machine.
 *
 * @module
 */

/** FNV-1a over UTF-16 code units, then the finaliser of MurmurHash3. */
function hash(text: string, basis: number): number {
  let h = basis;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return h ^ h >>> 16;
}

/**
 * A stream of random numbers: Chris Doty-Humphrey's sfc32 (PractRand), seeded
 * by hashing a text key. A stream depends on its key alone, so any image can be
 * rendered without rendering those before it.
 */
export class Random {
  readonly #key: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Starts the stream named by `key`. */
  constructor(key: string) {
    this.#key = key;
    this.#a = hash(key, 0x811c9dc5);
    this.#b = hash(key, 0x9e3779b9);
    this.#c = hash(key, 0x243f6a88);
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** The stream named by this key and `label`, whatever was drawn so far. */
  fork(label: string | number): Random {
    return new Random(`${this.#key}/${label}`);
  }

  /** 32 random bits. */
  bits(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ this.#b >>> 9;
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21 | this.#c >>> 11) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * (this.bits() / 0x100000000);
  }

  /** Uniform in [-reach, reach). */
  about(reach: number): number {
    return this.between(-reach, reach);
  }

  /** Normal with mean 0, by the method of Box and Muller. */
  normal(deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.between(0, 1)));
    const angle = 2 * Math.PI * this.between(0, 1);
    return deviation * radius * Math.cos(angle);
  }

  /** Uniform integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.between(0, 1) * (high - low + 1));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.between(0, 1) < probability;
  }

  /**
   * One of the items.
   *
   * @throws {RangeError} If there are none.
   */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) {
      throw new RangeError(
        "Cannot pick an item as the list must have one: current length is 0",
      );
    }
    return items[this.integer(0, items.length - 1)]!;
  }
}
