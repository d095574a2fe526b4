/**
 * The networks of a detector: from preprocessed images and their categories to
 * outputs.
 *
 * @module
 */
import type { DetectorInput } from "../methods/detection.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import type { OnnxSession, RunOptions, RunResult } from "../onnx/session.ts";
import type { Tensor, Tensors } from "../onnx/tensor.ts";
import { ModelSessions } from "./model_sessions.ts";
import type { DetectorOptions } from "./options.ts";
import { PromptCache } from "./prompt_cache.ts";
import { TextFeatures } from "./text_features.ts";

/** The sessions of a model, fed with images and the prompts of categories. */
export class Network {
  /** The sentences of each category. */
  readonly prompts: PromptCache;
  /** Where images run. */
  readonly sessions: ModelSessions;
  readonly #text: TextFeatures | null;
  readonly #side: number;

  /**
   * Constructs without loading anything.
   *
   * @param started The first session, where it was started before.
   * @throws {ModelError} If the provider cannot run in this precision.
   */
  constructor(
    model: ModelDirectory,
    options: DetectorOptions,
    started?: OnnxSession,
  ) {
    this.prompts = new PromptCache(model, options);
    this.sessions = new ModelSessions(model, options, started);
    this.#text = model.architecture.text &&
      new TextFeatures(model, this.sessions.options);
    this.#side = model.architecture.imageSize;
  }

  /**
   * Loads the model for images of some categories.
   *
   * @throws {ModelError} If the model or the provider cannot be used, or a
   * category gives no usable prompt.
   */
  async load(categories: readonly string[]): Promise<void> {
    await this.sessions.load(this.#neededLength(categories));
    await this.#texts(categories);
  }

  /**
   * Runs a batch of preprocessed images.
   *
   * @throws {TypeError} If pixels are not of the model's side.
   * @throws {ModelError} If a category gives no usable prompt.
   * @throws {SessionError} If the network fails or was closed.
   */
  async run(
    inputs: readonly DetectorInput[],
    options: RunOptions = {},
  ): Promise<RunResult> {
    const categories = inputs.map(({ category }) => category);
    const needed = this.#neededLength(categories);
    const rgb = this.#pixels(inputs);
    const text = this.#text && await this.#texts(categories);
    const feeds: Tensors = text === null
      ? { rgb, ids: this.#ids(categories) }
      : { rgb, text };
    return await this.sessions.run(feeds, needed, options);
  }

  /** Frees the sessions. Runs that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    await Promise.all([this.sessions.close(), this.#text?.close()]);
  }

  /** How many positions of sentences the network must read beside an image. */
  #neededLength(categories: readonly string[]): number {
    return this.#text === null ? this.prompts.neededLength(categories) : 1;
  }

  /** Text features of each category that the image does not change. */
  async #texts(categories: readonly string[]): Promise<Tensor | null> {
    if (this.#text === null) return null;
    return await this.#text.rows(
      categories.map((category) => [category, this.prompts.prompt(category)]),
    );
  }

  #ids(categories: readonly string[]): Tensor {
    return { type: "int64", ...this.prompts.ids(categories) };
  }

  #pixels(inputs: readonly DetectorInput[]): Tensor {
    const side = this.#side;
    const rgb = new Uint8Array(inputs.length * side * side * 3);
    for (const [i, { pixels }] of inputs.entries()) {
      if (pixels.length !== side * side * 3) {
        throw new TypeError(
          `Cannot look at image ${i} as its pixels must be [${side}, ${side}, ` +
            `3]: current length is ${pixels.length}`,
        );
      }
      rgb.set(pixels, i * pixels.length);
    }
    const shape = [inputs.length, side, side, 3];
    return { type: "uint8", shape, data: rgb };
  }
}
