/**
 * Images in, anomaly maps and scores out.
 *
 * @module
 */
import { importLate } from "../async/import_late.ts";
import { Framing } from "../framing/framing.ts";
import { findModel } from "../hub/find_model.ts";
import type { DecodePool } from "../framing/decode_pool.ts";
import type { RgbImage } from "../image/image.ts";
import { resizeBicubic } from "../image/resample.ts";
import type { Detection, DetectorInput } from "../methods/detection.ts";
import type { NetworkPrecision } from "../methods/precision.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../methods/model_directory.ts";
import { scoringOf } from "../methods/scoring.ts";
import type { Sentences } from "../methods/sentences.ts";
import {
  detectTiles,
  type FramedFile,
  type FramedInput,
  type Tile,
} from "./detect_tiles.ts";
import type { ImageSource } from "./image_source.ts";
import type { GoodImages } from "./learn_images.ts";
import { Network } from "./network.ts";
import type {
  DetectorOptions,
  LearnOptions,
  ScoreAllOptions,
  ScoreOptions,
} from "./options.ts";
import { readDetections } from "./read_detections.ts";
import { type LearnedCategory, References } from "./references.ts";
import type { ScoredImage } from "./scored_image.ts";
import { closeWorkers, type DetectorWorkers, takeWorkers } from "./workers.ts";

export type {
  Detection,
  DetectorInput,
  DetectorOptions,
  FramedFile,
  FramedInput,
};

/** The outputs that detections are read from. */
const SEEN = ["map", "logit_map", "score", "score_logit"];

/** What reads images too; a server has read them. */
function scoreModules(): Promise<typeof import("./score_images.ts")> {
  return importLate(new URL("./score_images.ts", import.meta.url));
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
  readonly #network: Network;
  readonly #references: References;
  readonly #object: string;
  readonly #smooth: number;
  readonly #decoder: DecodePool;

  /**
   * How images are laid before the model: in tiles, padded, cropped, or with
   * regions of interest. Undefined where they are only stretched to its square.
   */
  readonly framing: Framing | undefined;

  private constructor(
    model: ModelDirectory,
    options: DetectorOptions,
    { session, decoder }: DetectorWorkers,
  ) {
    const { imageSize, smooth } = model.architecture;
    this.#model = model;
    this.#decoder = decoder;
    this.framing = Framing.of(options, imageSize);
    this.#smooth = options.smooth ?? smooth;
    // Maps of tiles are smoothed once they are joined.
    const unsmoothed = this.framing === undefined ? {} : { smooth: 0 };
    this.#network = new Network(model, { ...options, ...unsmoothed }, session);
    this.#references = new References(model, this.#network.sessions, {
      method: options.method,
      onWarning: options.onWarning ?? (() => {}),
      framing: this.framing,
    });
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
   * @throws {RangeError} If tiles or their overlap are out of range.
   */
  static async open(
    model: string | URL,
    options: DetectorOptions = {},
  ): Promise<Detector> {
    const { cacheFolder } = options;
    const path = await findModel(model, { cacheFolder });
    // They load onnxruntime while the files of the model are read.
    const workers = takeWorkers();
    try {
      return await Detector.#load(path, options, workers);
    } catch (error) {
      await closeWorkers(workers);
      throw error;
    }
  }

  static async #load(
    path: string,
    options: DetectorOptions,
    workers: DetectorWorkers,
  ): Promise<Detector> {
    const { cacheFolder, method, categories = [] } = options;
    const directory = await openModelDirectory(path, { cacheFolder, method });
    const detector = new Detector(directory, options, workers);
    if (options.learns) detector.#references.prepare();
    // It loads what the first image needs while the model is loaded.
    detector.#decoder.startWorker();
    try {
      await detector.#network.load(categories);
      return detector;
    } catch (error) {
      await detector.close();
      throw error;
    }
  }

  /** Path of its model directory. */
  get directory(): string {
    return this.#model.path;
  }

  /** Side of the maps, in pixels; those of tiles together are larger. */
  get side(): number {
    return this.#model.architecture.mapSize;
  }

  /** Standard deviation in pixels of the Gaussian that smooths its maps. */
  get smooth(): number {
    return this.#smooth;
  }

  /**
   * The published scores of images beside good ones, where those need all images
   * of a product; undefined where they do not, or nothing was learned.
   */
  get publishedScores():
    | ((scores: readonly number[], maxima: readonly number[]) => number[])
    | undefined {
    const { goodImages } = this.#model.architecture;
    return this.learned.length > 0 ? goodImages?.publishedScores : undefined;
  }

  /** How it scores images, with what it has learned. */
  get scoring(): { readonly method: string; readonly score_rule: string } {
    return this.scoringOf(this.learned.length > 0);
  }

  /**
   * How it scores images.
   *
   * @param isGood Whether they are compared with good ones.
   */
  scoringOf(
    isGood: boolean,
  ): { readonly method: string; readonly score_rule: string } {
    return scoringOf(this.#model.architecture, isGood);
  }

  /** Precision of the network. */
  get precision(): NetworkPrecision {
    return this.#network.sessions.options.precision;
  }

  /** How many batches run side by side. */
  get sessions(): number {
    return this.#network.sessions.count;
  }

  /**
   * The sentences that describe a normal and an abnormal image of a category.
   *
   * @throws {ModelError} If both are the same to the model.
   */
  promptOf(category: string): Sentences {
    return this.#network.prompts.sentences(category);
  }

  /**
   * What the user should know of a category's prompt, such as that it is too
   * long for the model and was cut. One clause for each; mostly none.
   *
   * @throws {ModelError} If normal and abnormal are the same to the model.
   */
  promptWarnings(category: string): readonly string[] {
    return this.#network.prompts.prompt(category).warnings;
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
    const { scoreImage } = await scoreModules();
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
  async *scoreAll(
    images: Iterable<ImageSource> | AsyncIterable<ImageSource>,
    options: ScoreAllOptions = {},
  ): AsyncGenerator<ScoredImage> {
    const { scoreImages } = await scoreModules();
    yield* scoreImages(this, images, this.#named(options));
  }

  /** Resizes an image to what the model reads: [H, H, 3], whatever its shape. */
  preprocess(image: RgbImage): Uint8Array {
    const { imageSize } = this.#model.architecture;
    return resizeBicubic(image, imageSize, imageSize).data;
  }

  /**
   * Lays an image before the model, in tiles where the detector has such.
   *
   * @param image The image.
   * @param category The word for the product.
   * @returns What {@linkcode Detector.detect} takes.
   * @throws {ImageDecodeError} If the region of interest does not fit the
   * image, or it is too long.
   */
  prepare(image: RgbImage, category: string): FramedInput {
    const { framing } = this;
    return framing === undefined
      ? { pixels: this.preprocess(image), category }
      : { ...framing.frame(image, category), category };
  }

  /**
   * Decodes the file of an image and lays it before the model, in a worker, so
   * that the event loop stays free. The pixels are those of `decodeImage` and
   * {@linkcode Detector.prepare}.
   *
   * @param bytes The file.
   * @param options The word for the product, how to decode, and how to stop.
   * @throws {ImageDecodeError} If it is not an image that is decoded, or cannot
   * be laid so.
   * @throws {Error} If the detector was closed.
   */
  async decode(
    bytes: Uint8Array,
    { signal, category = this.#object, ...options }: ScoreOptions = {},
  ): Promise<FramedFile> {
    const { imageSize: side } = this.#model.architecture;
    const frame = this.framing?.optionsOf(category);
    const how = { options, side, frame, keepImage: false, signal };
    return { ...await this.#decoder.decode(bytes, how), category };
  }

  /**
   * Scores a batch of preprocessed images, whose categories may differ.
   *
   * @returns One detection an image, in order. Its maps have the size of the
   * frame where it was laid out in one, and cover the whole image.
   * @throws {TypeError} If pixels are not of the model's size.
   * @throws {RangeError} If an image names a memory that is not there.
   * @throws {ModelError} If a category gives no usable prompt.
   * @throws {SessionError} If the network fails or the detector was closed.
   */
  async detect(inputs: readonly FramedInput[]): Promise<Detection[]> {
    if (inputs.length === 0) return [];
    const followers = this.#references.followers(inputs);
    if (inputs.every(({ frame }) => frame === undefined)) {
      return await this.#detect(inputs, followers);
    }
    const { method, finish, goodImages } = this.#model.architecture;
    return await detectTiles(inputs, {
      followers,
      sessions: this.sessions,
      smooth: this.#smooth,
      // A method's own way to compare adds the class token.
      isMaximum: (follower) =>
        follower === undefined
          ? finish === null && !method.usesImageFeature
          : goodImages === undefined,
      run: (tiles: readonly Tile[]) =>
        this.#detect(
          tiles,
          followers.length === 0 ? [] : tiles.map(({ follower }) => follower),
        ),
    });
  }

  /** Looks at squares, and compares each with the memory that it follows. */
  async #detect(
    inputs: readonly DetectorInput[],
    followers: readonly (string | undefined)[],
  ): Promise<Detection[]> {
    const { length: count } = inputs;
    const { outputs, milliseconds } = await this.#network.run(inputs, {
      ...followers.length > 0 && { followers, outputs: SEEN },
    });
    const { architecture } = this.#model;
    return readDetections(architecture, outputs, { count, milliseconds });
  }

  /**
   * Learns good images of a category. Its images are then compared with them:
   * maps and scores tell how far an image is from all good ones, and zero-shot
   * detection adds to it where it finds more than in those. About ten images
   * are enough; they should show all that may differ between good parts.
   *
   * @example Compare images with good ones
   * ```ts
   * import { Detector } from "@mfp-clip/mfp-clip";
   *
   * await using detector = await Detector.open("nano");
   * const folder = "tests/golden/mfp_clip/images";
   * const good = [`${folder}/coffee.jpg`, `${folder}/chelsea.png`];
   * const learned = await detector.learn("cup", good);
   * console.log(learned.images, learned.sha256);
   * const image = `${folder}/brick.png`;
   * const { score } = await detector.score(image, { category: "cup" });
   * console.log(score); // 0.5 is as far as good images are from each other
   * ```
   *
   * @param category The word for the product.
   * @param images 1 to 1000 good images, in place of those learned before.
   * @param options How to decode, how to stop, and what to call the memory.
   * @throws {RangeError} If there are no images, or too many.
   * @throws {DataSetError} If an image cannot be read; the message names it.
   * @throws {ModelError} If the category gives no usable prompt, or the method
   * of the model has no patches to compare.
   * @throws {SessionError} If the network fails or the detector was closed.
   */
  async learn(
    category: string,
    images: GoodImages,
    { name, prepare, ...options }: LearnOptions = {},
  ): Promise<LearnedCategory> {
    const lay = prepare ?? this.prepare.bind(this);
    const address = new URL("./learn_images.ts", import.meta.url);
    const { learnImages } = await importLate<
      typeof import("./learn_images.ts")
    >(address);
    const seen = await learnImages(images, {
      ...options,
      category,
      sessions: this.sessions,
      prepare: (image) => lay(image, category),
      look: (input) => this.#references.look(input, this.#network),
    });
    const { bitDepth = 16 } = options;
    return await this.#references.learn(seen, { category, bitDepth, name });
  }

  /**
   * Bytes of memory that each good image takes while it is learned.
   *
   * @throws {ModelError} If the method of the model has no patches to compare.
   */
  get bytesPerGoodImage(): number {
    return this.#references.bytesPerImage;
  }

  /**
   * How the good images of a memory look to the detector: the logit map of
   * each, compared with the other ones. Thresholds are calibrated with them,
   * because a good image compared with itself would look too good.
   *
   * @param name The category, or what the memory is called.
   * @returns One logit for each patch, or pixel, that counts; undefined if the
   * memory was not learned by this detector, or of fewer than four images where
   * the method compares in its own way. Of a single image, which is compared
   * with itself, the logits say little.
   */
  leftOut(name: string): readonly Float32Array[] | undefined {
    return this.#references.leftOut(name)?.map(({ logits }) => logits);
  }

  /**
   * The scores that go with {@linkcode Detector.leftOut}: `score_logit` of each
   * good image, compared with the other ones.
   *
   * @param name The category, or what the memory is called.
   */
  leftOutScores(name: string): readonly number[] | undefined {
    return this.#references.leftOut(name)?.map(({ score }) => score);
  }

  /**
   * What was learned of the good images of categories, in the order of learning.
   * Memories of other names are not listed.
   */
  get learned(): readonly LearnedCategory[] {
    return this.#references.learned;
  }

  /**
   * The memory of a category's good images, to be kept as a file.
   *
   * @param name The category, or what the memory is called.
   * @returns The bytes of a .safetensors file; undefined if there is no such
   * memory.
   */
  memory(name: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#references.file(name);
  }

  /**
   * Frees a memory, if there is one of that name. Images of its category are
   * detected zero-shot from then on; images that name it are refused.
   *
   * @param name The category, or what the memory is called.
   * @throws {SessionError} If the detector was closed.
   */
  async forget(name: string): Promise<void> {
    await this.#references.forget(name);
  }

  /**
   * Takes the memory of good images that {@linkcode Detector.memory} returned.
   *
   * @param file The bytes of the file.
   * @param path What errors call it.
   * @throws {ModelError} If it is damaged, or was learned with another model.
   * @throws {SessionError} If the network fails or the detector was closed.
   */
  async remember(
    file: Uint8Array<ArrayBuffer>,
    path = "the memory",
  ): Promise<LearnedCategory> {
    return await this.#references.remember(file, path);
  }

  /** Frees the sessions. Images that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    this.#decoder.close();
    await this.#network.close();
  }

  /** Frees the sessions. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Options with a word for the product. */
  #named<T extends ScoreOptions>(options: T): T & { category: string } {
    return { ...options, category: options.category ?? this.#object };
  }
}
