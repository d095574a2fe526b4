/**
 * Images in, anomaly maps and scores out.
 *
 * @module
 */
import { findModel } from "../hub/find_model.ts";
import type { RgbImage } from "../image/image.ts";
import { resizeBicubic } from "../image/resample.ts";
import type { Detection, DetectorInput } from "../methods/detection.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../methods/model_directory.ts";
import type { Sentences } from "../methods/sentences.ts";
import type { Tensor } from "../onnx/tensor.ts";
import type { ImageSource } from "./image_source.ts";
import { ModelSessions } from "./model_sessions.ts";
import type {
  DetectorOptions,
  ScoreAllOptions,
  ScoreOptions,
} from "./options.ts";
import { PromptCache } from "./prompt_cache.ts";
import { readDetections } from "./read_detections.ts";
import { scoreImage, scoreImages } from "./score_images.ts";
import type { ScoredImage } from "./scored_image.ts";
import { TextFeatures } from "./text_features.ts";

export type { Detection, DetectorInput, DetectorOptions };

/**
 * Zero-shot anomaly detection with one model. The network runs in a worker, so
 * the event loop stays free.
 *
 * @example Score an image
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 *
 * await using detector = await Detector.open("nano");
 * const found = await detector.score("tests/golden/mfp_clip/images/coffee.jpg");
 * console.log(found.score, found.map.width, found.map.height);
 * ```
 */
export class Detector implements AsyncDisposable {
  readonly #model: ModelDirectory;
  readonly #prompts: PromptCache;
  readonly #sessions: ModelSessions;
  readonly #text: TextFeatures | null;
  readonly #object: string;

  private constructor(model: ModelDirectory, options: DetectorOptions) {
    this.#model = model;
    this.#prompts = new PromptCache(model, options);
    this.#sessions = new ModelSessions(model, options);
    this.#text = model.architecture.text &&
      new TextFeatures(model, this.#sessions.options);
    this.#object = options.object ?? "object";
  }

  /**
   * Loads a model.
   *
   * @param model `nano`, which comes with this package, the name of a
   * downloaded model, or the path or file: URL of a model directory.
   * @param options How to run it.
   * @throws {ModelError} If there is no such model, or it or the provider
   * cannot be used.
   */
  static async open(
    model: string | URL,
    options: DetectorOptions = {},
  ): Promise<Detector> {
    const { cacheFolder, categories = [] } = options;
    const path = await findModel(model, { cacheFolder });
    const directory = await openModelDirectory(path, { cacheFolder });
    const detector = new Detector(directory, options);
    await detector.#sessions.load(detector.#neededLength(categories));
    await detector.#texts(categories);
    return detector;
  }

  /** Path of its model directory. */
  get directory(): string {
    return this.#model.path;
  }

  /** Side of the maps, in pixels; images are resized to it. */
  get side(): number {
    return this.#model.architecture.imageSize;
  }

  /** How many batches run side by side. */
  get sessions(): number {
    return this.#sessions.count;
  }

  /**
   * The sentences that describe a normal and an abnormal image of a category.
   *
   * @throws {ModelError} If both are the same to the model.
   */
  promptOf(category: string): Sentences {
    return this.#prompts.sentences(category);
  }

  /**
   * Scores one image. Calls may overlap.
   *
   * @param image A path, a URL, a Blob, the bytes of a file, or decoded pixels.
   * @param options The word for the product, and how to decode.
   * @throws {ImageDecodeError} If it is not an image that is decoded.
   * @throws {ImageFetchError} If the image cannot be fetched from its URL.
   * @throws {TypeError} If decoded pixels do not fit their size.
   * @throws {Deno.errors.NotFound} If there is no such file.
   * @throws {Deno.errors.NotCapable} If the program may not read or fetch it.
   * @throws {ModelError} If the category gives no usable prompt, or the model
   * gives NaN.
   * @throws {SessionError} If the network fails or the detector was closed.
   */
  async score(
    image: ImageSource,
    options: ScoreOptions = {},
  ): Promise<ScoredImage> {
    return await scoreImage(this, image, this.#named(options));
  }

  /**
   * Scores many images, and yields the results in the order of the images.
   * Images are read ahead while the network runs.
   *
   * @example Usage
   * ```ts
   * import { Detector } from "@mfp-clip/mfp-clip";
   *
   * await using detector = await Detector.open("nano");
   * const images = ["coffee.jpg", "chelsea.png"].map((name) =>
   *   `tests/golden/mfp_clip/images/${name}`
   * );
   * for await (const { source, score } of detector.scoreAll(images)) {
   *   console.log(source, score);
   * }
   * ```
   *
   * @param images The images, as {@linkcode Detector.score} takes them.
   * @param options The word for the product, and how to decode and batch.
   * @throws {RangeError} If the batch size is not a positive integer.
   * @throws {Error} As {@linkcode Detector.score} does; what concerns a single
   * image goes to `onError`, if it is given.
   */
  scoreAll(
    images: Iterable<ImageSource> | AsyncIterable<ImageSource>,
    options: ScoreAllOptions = {},
  ): AsyncGenerator<ScoredImage> {
    return scoreImages(this, images, this.#named(options));
  }

  /** Resizes an image to the model's side: [side, side, 3]. */
  preprocess(image: RgbImage): Uint8Array {
    return resizeBicubic(image, this.side, this.side).data;
  }

  /**
   * Scores a batch of preprocessed images, whose categories may differ.
   *
   * @returns One detection an image, in order.
   * @throws {TypeError} If pixels are not of the model's side.
   * @throws {ModelError} If a category gives no usable prompt.
   * @throws {SessionError} If the network fails or the detector was closed.
   */
  async detect(inputs: readonly DetectorInput[]): Promise<Detection[]> {
    if (inputs.length === 0) return [];
    const { length: count } = inputs;
    const categories = inputs.map(({ category }) => category);
    const needed = this.#neededLength(categories);
    const rgb = this.#pixels(inputs);
    const text = this.#text && await this.#texts(categories);
    const feeds = text === null
      ? { rgb, ids: this.#ids(categories) }
      : { rgb, text };
    const { outputs, milliseconds } = await this.#sessions.run(feeds, needed);
    const { architecture } = this.#model;
    return readDetections(architecture, outputs, { count, milliseconds });
  }

  /** Frees the sessions. Images that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    await Promise.all([this.#sessions.close(), this.#text?.close()]);
  }

  /** Frees the sessions. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Options with a word for the product. */
  #named<T extends ScoreOptions>(options: T): T & { category: string } {
    return { ...options, category: options.category ?? this.#object };
  }

  /** How many positions of sentences the network must read beside an image. */
  #neededLength(categories: readonly string[]): number {
    return this.#text === null ? this.#prompts.neededLength(categories) : 1;
  }

  /** Text features of each category that the image does not change. */
  async #texts(categories: readonly string[]): Promise<Tensor | null> {
    if (this.#text === null) return null;
    return await this.#text.rows(
      categories.map((category) => [category, this.#prompts.prompt(category)]),
    );
  }

  #ids(categories: readonly string[]): Tensor {
    return { type: "int64", ...this.#prompts.ids(categories) };
  }

  #pixels(inputs: readonly DetectorInput[]): Tensor {
    const { side } = this;
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
