/**
 * The prompts of the categories that a detector was asked for.
 *
 * @module
 */
import QuickLRU from "quick-lru";
import type { ModelDirectory } from "../methods/model_directory.ts";
import {
  type PromptIds,
  promptIds,
  type PromptOptions,
  promptOptions,
} from "../methods/prompts.ts";
import type { Prompts, Sentences } from "../methods/sentences.ts";

/** How many prompts are kept: those that were used last. */
const CAPACITY = 1000;

/** Options of {@linkcode PromptCache}. */
export interface PromptCacheOptions {
  /** Names and sentences of categories; other categories name themselves. */
  readonly prompts?: Prompts | undefined;
  /** Called with each warning when a prompt is made. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Prompts by category. A prompt is made when it is first used, and kept. */
export class PromptCache {
  readonly #model: ModelDirectory;
  readonly #options: PromptOptions;
  readonly #onWarning: (message: string) => void;
  readonly #made = new QuickLRU<string, PromptIds>({ maxSize: CAPACITY });

  /** Constructs an empty cache. */
  constructor(model: ModelDirectory, options: PromptCacheOptions) {
    this.#model = model;
    this.#options = promptOptions(model.architecture, options.prompts);
    this.#onWarning = options.onWarning ?? (() => {});
  }

  /**
   * The sentences of a category.
   *
   * @throws {ModelError} If normal and abnormal are the same to the model.
   */
  sentences(category: string): Sentences {
    return this.prompt(category).sentences;
  }

  /**
   * How many positions the text tower must read for these categories.
   *
   * @throws {ModelError} If normal and abnormal are the same to the model.
   */
  neededLength(categories: readonly string[]): number {
    const ends = categories.flatMap((category) =>
      this.prompt(category).endOfText
    );
    return Math.max(...ends.map((end) => end + 1), 1);
  }

  /**
   * Token ids of the prompts of each category: [categories, N, n].
   *
   * @throws {ModelError} If normal and abnormal are the same to the model.
   */
  ids(categories: readonly string[]): {
    readonly shape: readonly number[];
    readonly data: BigInt64Array<ArrayBuffer>;
  } {
    const { clip, prompts: { perState } } = this.#model.architecture;
    const n = clip.text.maxPositionEmbeddings;
    const sentences = perState![0] + perState![1];
    const data = new BigInt64Array(categories.length * sentences * n);
    for (const [i, category] of categories.entries()) {
      data.set(this.prompt(category).ids, i * sentences * n);
    }
    return { shape: [categories.length, sentences, n], data };
  }

  /**
   * The prompt of a category.
   *
   * @throws {ModelError} If normal and abnormal are the same to the model.
   */
  prompt(category: string): PromptIds {
    const cached = this.#made.get(category);
    if (cached !== undefined) return cached;
    const { tokenizer } = this.#model;
    const prompt = promptIds(tokenizer, category, this.#options);
    prompt.warnings.forEach((warning) => this.#onWarning(warning));
    this.#made.set(category, prompt);
    return prompt;
  }
}
