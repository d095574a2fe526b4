/**
 * The prompts of the categories that a detector was asked for.
 *
 * @module
 */
import QuickLRU from "quick-lru";
import {
  type ModelDirectory,
  promptOptions,
} from "../methods/model_directory.ts";
import {
  type PromptIds,
  promptIds,
  type Prompts,
  type Sentences,
} from "../methods/prompts.ts";

/** Prompts that are kept; those asked for last. */
const KEPT = 1000;

/** Prompts by category, each made once while it is in use. */
export class PromptBook {
  readonly #model: ModelDirectory;
  readonly #prompts: Prompts;
  readonly #onWarning: (message: string) => void;
  readonly #made = new QuickLRU<string, PromptIds>({ maxSize: KEPT });

  /** Constructs an empty book; a prompt that had to be cut is told of when it is
   * made. */
  constructor(
    model: ModelDirectory,
    options: {
      readonly prompts?: Prompts | undefined;
      readonly onWarning?: ((message: string) => void) | undefined;
    },
  ) {
    this.#model = model;
    this.#prompts = options.prompts ?? new Map();
    this.#onWarning = options.onWarning ?? (() => {});
  }

  /** The sentences of a category. */
  sentences(category: string): Sentences {
    return this.#prompt(category).sentences;
  }

  /** Positions that the text tower must read for these categories. */
  neededLength(categories: readonly string[]): number {
    const ends = categories.flatMap((category) =>
      this.#prompt(category).endOfText
    );
    return Math.max(...ends.map((end) => end + 1), 1);
  }

  /** Token ids of the prompts of each category: [categories, 2, n]. */
  ids(categories: readonly string[]): {
    readonly shape: readonly number[];
    readonly data: BigInt64Array<ArrayBuffer>;
  } {
    const n = this.#model.sizes.clip.text.maxPositionEmbeddings;
    const data = new BigInt64Array(categories.length * 2 * n);
    for (const [i, category] of categories.entries()) {
      data.set(this.#prompt(category).ids, i * 2 * n);
    }
    return { shape: [categories.length, 2, n], data };
  }

  #prompt(category: string): PromptIds {
    const known = this.#made.get(category);
    if (known !== undefined) return known;
    const { tokenizer, sizes } = this.#model;
    const options = promptOptions(sizes, this.#prompts);
    const prompt = promptIds(tokenizer, category, options);
    prompt.warnings.forEach((warning) => this.#onWarning(warning));
    this.#made.set(category, prompt);
    return prompt;
  }
}
