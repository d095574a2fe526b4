/**
 * What a server has learned of the good images of one profile.
 *
 * @module
 */
import type { ProfileCategory } from "../../references/profile.ts";
import { toCriterion } from "../../references/product_profile.ts";
import type { Criterion } from "../../results/verdict.ts";

/** What {@linkcode LearnedMemory} is made of. */
export interface LearnedParts {
  /** What the detector calls the memory. */
  readonly name: string;
  /** Thresholds and figures. */
  readonly found: ProfileCategory;
  /** Name of each file of the profile -> its bytes. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Frees the memory. */
  readonly forget: (name: string) => Promise<void>;
}

/**
 * A memory that requests use. One that is retired is freed when the last of
 * them has its answer.
 */
export class LearnedMemory {
  readonly #parts: LearnedParts;
  #users = 0;
  #isRetired = false;

  /** Constructs it in use by nobody. */
  constructor(parts: LearnedParts) {
    this.#parts = parts;
  }

  /** What the detector calls the memory. */
  get name(): string {
    return this.#parts.name;
  }

  /** Thresholds and figures. */
  get found(): ProfileCategory {
    return this.#parts.found;
  }

  /** Name of each file of the profile -> its bytes. */
  get files(): ReadonlyMap<string, Uint8Array> {
    return this.#parts.files;
  }

  /** How images are judged. */
  get criterion(): Criterion {
    return toCriterion(this.#parts.found);
  }

  /** Keeps the memory until the block ends. */
  use(): Disposable {
    this.#users++;
    return {
      [Symbol.dispose]: () => {
        this.#users--;
        this.#freeUnused();
      },
    };
  }

  /** Lets nobody use it any more. */
  retire(): void {
    this.#isRetired = true;
    this.#freeUnused();
  }

  #freeUnused(): void {
    if (!this.#isRetired || this.#users > 0) return;
    const { forget, name } = this.#parts;
    // It fails where the detector was closed, which has freed all.
    forget(name).catch(() => {});
  }
}
