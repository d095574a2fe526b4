/**
 * Which categories may be asked for.
 *
 * @module
 */

/** Longer names are cut by the tokenizer anyway. */
const MAX_LENGTH = 200;

/** Options of {@linkcode CategoryGate}. */
export interface CategoryGateOptions {
  /** The only categories there are; any where absent. */
  readonly allowed?: readonly string[] | undefined;
  /** Different categories that are remembered: each takes memory. */
  readonly max: number;
}

/** Lets through names that the model can take, and not too many of them. */
export class CategoryGate {
  readonly #allowed: ReadonlySet<string> | undefined;
  readonly #max: number;
  readonly #seen = new Set<string>();

  /**
   * Constructs a gate.
   *
   * @param options Bounds
   */
  constructor({ allowed, max }: CategoryGateOptions) {
    this.#allowed = allowed && new Set(allowed);
    this.#max = max;
  }

  /** The only categories there are, in the order given; none where any is. */
  get allowed(): readonly string[] {
    return [...this.#allowed ?? []];
  }

  /**
   * Says what is wrong with a name.
   *
   * @param category The name
   * @returns A sentence, or undefined where nothing is wrong
   */
  complaintAbout(category: string): string | undefined {
    if (this.#allowed?.has(category) === false) {
      return `Cannot score the image as its category must be one of ${
        [...this.#allowed].join(", ")
      }`;
    }
    if (this.#seen.has(category)) return undefined;
    const isName = category.trim() !== "" && category.length <= MAX_LENGTH &&
      category.isWellFormed() && !/\p{Cc}/u.test(category);
    if (!isName) {
      return "Cannot score the image as its category must be a name of 1 to " +
        `${MAX_LENGTH} characters`;
    }
    if (this.#seen.size >= this.#max) {
      return "Cannot score the image as its category must be one of the " +
        `${this.#max} that were asked for first`;
    }
    this.#seen.add(category);
    return undefined;
  }
}
