/**
 * Images in, anomaly maps and scores out.
 *
 * @module
 */
import { ahead, batches } from "../async/ahead.ts";
import { findModel } from "../hub/find_model.ts";
import type { RgbImage } from "../image/image.ts";
import { resizeBicubic } from "../image/resample.ts";
import type { Detection, DetectorInput } from "../methods/detection.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../methods/model_directory.ts";
import type { Sentences } from "../methods/sentences.ts";
import { float32, type Tensors } from "../onnx/tensor.ts";
import {
  type ImageSource,
  readImage,
  type ReadImageOptions,
} from "./image_source.ts";
import { ModelSessions } from "./model_sessions.ts";
import type { DetectorOptions } from "./options.ts";
import { PromptCache } from "./prompt_cache.ts";
import { ScoredImage } from "./scored_image.ts";

export type { Detection, DetectorInput, DetectorOptions };

/** Options of {@linkcode Detector.score}. */
export interface ScoreOptions extends ReadImageOptions {
  /**
   * The word for the product, such as `bottle`.
   *
   * @default {The option `object` of the detector}
   */
  readonly category?: string;
}

/** Options of {@linkcode Detector.scoreAll}. */
export interface ScoreAllOptions extends ScoreOptions {
  /**
   * How many images run through the network together. Scores may differ in
   * their last digits between batch sizes.
   *
   * @default {1}
   */
  readonly batchSize?: number;
  /**
   * Called with each image that cannot be read, which is then left out. Without
   * it, the first such image ends the iteration.
   */
  readonly onError?: (error: unknown, image: ImageSource) => void;
}

interface Prepared extends DetectorInput {
  readonly source: ImageSource;
  readonly width: number;
  readonly height: number;
  readonly damage: string | null;
}

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
  readonly #object: string;

  private constructor(model: ModelDirectory, options: DetectorOptions) {
    this.#model = model;
    this.#prompts = new PromptCache(model, options);
    this.#sessions = new ModelSessions(model, options);
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
    const needed = detector.#prompts.neededLength(categories);
    await detector.#sessions.load(needed);
    return detector;
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
   * @throws {ModelError} If the category gives no usable prompt.
   * @throws {SessionError} If the network fails or the detector was closed.
   */
  async score(
    image: ImageSource,
    options: ScoreOptions = {},
  ): Promise<ScoredImage> {
    const prepared = await this.#prepare(image, options);
    const [scored] = await this.#scoreBatch([prepared]);
    return scored!;
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
   * @throws {Error} As {@linkcode Detector.score} does; errors of reading only
   * without `onError`.
   */
  async *scoreAll(
    images: Iterable<ImageSource> | AsyncIterable<ImageSource>,
    options: ScoreAllOptions = {},
  ): AsyncGenerator<ScoredImage> {
    const { batchSize = 1 } = options;
    const prepared = this.#prepareAll(images, options);
    const found = ahead(
      batches(prepared, batchSize),
      (batch) => this.#scoreBatch(batch),
      this.sessions, // one batch for each session, and one that waits
    );
    for await (const batch of found) yield* batch;
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
    const needed = this.#prompts.neededLength(
      inputs.map(({ category }) => category),
    );
    const feeds = this.#feeds(inputs);
    const { outputs, milliseconds } = await this.#sessions.run(feeds, needed);
    const pixels = this.side ** 2;
    const maps = float32(outputs, "map"); // [B, H, H]
    const logits = float32(outputs, "logit_map"); // [B, H, H]
    return inputs.map((_, i) => ({
      anomalyMap: maps.subarray(i * pixels, (i + 1) * pixels),
      logitMap: logits.subarray(i * pixels, (i + 1) * pixels),
      imageScore: float32(outputs, "score")[i]!,
      scoreLogit: float32(outputs, "score_logit")[i]!,
      milliseconds: milliseconds / inputs.length,
    }));
  }

  /** Frees the sessions. Images that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    await this.#sessions.close();
  }

  /** Frees the sessions. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #prepare(
    source: ImageSource,
    { category = this.#object, ...reading }: ScoreOptions,
  ): Promise<Prepared> {
    const image = await readImage(source, reading);
    const { width, height, damage = null } = image;
    const pixels = this.preprocess(image);
    return { source, category, width, height, damage, pixels };
  }

  /** Images that can be read, as many ahead as the next batches hold. */
  async *#prepareAll(
    images: Iterable<ImageSource> | AsyncIterable<ImageSource>,
    { batchSize = 1, onError, ...options }: ScoreAllOptions,
  ): AsyncGenerator<Prepared> {
    const prepare = async (image: ImageSource) => {
      try {
        return await this.#prepare(image, options);
      } catch (error) {
        if (onError === undefined) throw error;
        onError(error, image);
      }
    };
    const each = async function* () {
      yield* images;
    };
    for await (const image of ahead(each(), prepare, batchSize)) {
      if (image !== undefined) yield image;
    }
  }

  async #scoreBatch(batch: readonly Prepared[]): Promise<ScoredImage[]> {
    const { side } = this;
    const detections = await this.detect(batch);
    return batch.map((image, i) =>
      new ScoredImage({ ...image, side, detection: detections[i]! })
    );
  }

  #feeds(inputs: readonly DetectorInput[]): Tensors {
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
    const ids = this.#prompts.ids(inputs.map(({ category }) => category));
    return {
      rgb: { type: "uint8", shape: [inputs.length, side, side, 3], data: rgb },
      ids: { type: "int64", ...ids },
    };
  }
}
