/**
 * Which categories may be asked for.
 *
 * @module
 */

/** Longer names are cut by the tokenizer anyway. */
const MAX_LENGTH = 200;

/** Lets through names that the model can take. */
export class CategoryGate {
  readonly #allowed: ReadonlySet<string> | undefined;

  /**
   * Constructs a gate.
   *
   * @param allowed The only categories there are; any where absent.
   */
  constructor(allowed?: readonly string[]) {
    this.#allowed = allowed && new Set(allowed);
  }

  /** The only categories there are, in the order given; none where any is. */
  get allowed(): readonly string[] {
    return [...this.#allowed ?? []];
  }

  /**
   * Says what is wrong with a name.
   *
   * @param category The name.
   * @returns A sentence, or undefined where nothing is wrong.
   */
  complaintAbout(category: string): string | undefined {
    if (this.#allowed?.has(category) === false) {
      return `Cannot score the image as its category must be one of ${
        [...this.#allowed].join(", ")
      }`;
    }
    const isName = category.trim() !== "" && category.length <= MAX_LENGTH &&
      category.isWellFormed() && !/\p{Cc}/u.test(category);
    if (isName) return undefined;
    return "Cannot score the image as its category must be a name of 1 to " +
      `${MAX_LENGTH} characters`;
  }
}
