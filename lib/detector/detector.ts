/**
 * Images in, anomaly maps and scores out.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import type { Detection, DetectorInput } from "../methods/detection.ts";
import { encodeDetector } from "./encode_detector.ts";
import type { DetectorOptions } from "./options.ts";
import { PromptBook } from "./prompt_book.ts";
import { SessionPool, suitableSessions } from "./session_pool.ts";
import type { RgbImage } from "../image/image.ts";
import { resizeBicubic } from "../image/resample.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../methods/model_directory.ts";
import type { Sentences } from "../methods/prompts.ts";
import { type RunResult, SessionError } from "../onnx/session.ts";
import { float32, type Tensors } from "../onnx/tensor.ts";
import { weightsFolder } from "../onnx/weights_folder.ts";

export type { Detection, DetectorInput, DetectorOptions };

type Options = Required<
  Pick<
    DetectorOptions,
    "provider" | "precision" | "threads" | "sessions" | "smooth"
  >
>;

/**
 * Zero-shot anomaly detection with one model. The session runs in a worker:
 * the event loop stays free while images are looked at.
 *
 * @example Usage
 * ```ts ignore
 * await using detector = await Detector.open("models/nano");
 * const image = await decodeImage(await Deno.readFile("bottle.png"));
 * const pixels = detector.preprocess(image);
 * const [found] = await detector.detect([{ pixels, category: "bottle" }]);
 * console.log(found?.imageScore);
 * ```
 */
export class Detector implements AsyncDisposable {
  readonly #model: ModelDirectory;
  readonly #options: Options;
  readonly #prompts: PromptBook;
  #session: SessionPool | undefined;
  #textLength = 0;
  #isClosed = false;
  #reloads = 0;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(model: ModelDirectory, options: DetectorOptions) {
    const { provider = "cpu", precision = "f32", smooth = 0 } = options;
    const threads = options.threads || navigator.hardwareConcurrency;
    const sessions = options.sessions ?? 1;
    this.#model = model;
    this.#options = {
      provider,
      precision,
      threads,
      sessions: sessions ||
        suitableSessions(model.weights, { provider, threads }),
      smooth,
    };
    this.#prompts = new PromptBook(model, options);
  }

  /**
   * Loads a model directory.
   *
   * @param directory Its path.
   * @param options How to run it.
   * @throws {ModelError} If the model or the provider cannot be used.
   */
  static async open(
    directory: string,
    options: DetectorOptions = {},
  ): Promise<Detector> {
    const { cacheFolder } = options;
    const model = await openModelDirectory(directory, { cacheFolder });
    const detector = new Detector(model, options);
    await detector.#load(options.categories ?? []);
    return detector;
  }

  /** Side of the maps, in pixels; images are resized to it. */
  get side(): number {
    return this.#model.sizes.config.imageSize;
  }

  /** How many batches are looked at side by side. */
  get sessions(): number {
    return this.#options.sessions;
  }

  /** The sentences that stand for normal and abnormal images of a category. */
  promptOf(category: string): Sentences {
    return this.#prompts.sentences(category);
  }

  /** Resizes an image to the model's side: [side, side, 3]. */
  preprocess(image: RgbImage): Uint8Array {
    return resizeBicubic(image, this.side, this.side).data;
  }

  /**
   * Looks at a batch of images, whose categories may differ.
   *
   * @returns One detection an image, in order.
   * @throws {SessionError} If the session fails.
   */
  async detect(inputs: readonly DetectorInput[]): Promise<Detection[]> {
    if (inputs.length === 0) return [];
    const categories = inputs.map((input) => input.category);
    const feeds = this.#feeds(inputs);
    const { outputs, milliseconds } = await this.#run(categories, feeds);
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

  /** Frees the session. Images that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#session?.close();
  }

  /** Frees the session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Hands a batch to the session at once, so that it never waits for the event
   * loop; but after a longer prompt, which replaces the session, in turn.
   */
  #run(categories: readonly string[], feeds: Tensors): Promise<RunResult> {
    const isReady = this.#reloads === 0 && this.#session !== undefined &&
      this.#neededLength(categories) === this.#textLength;
    const run = isReady
      ? this.#session!.run(feeds)
      : this.#runAfterReload(categories, feeds);
    // Without its results, which the next turn would keep, and so on.
    this.#turn = Promise.allSettled([this.#turn, run]).then(() => {});
    return run;
  }

  async #runAfterReload(
    categories: readonly string[],
    feeds: Tensors,
  ): Promise<RunResult> {
    this.#reloads++;
    let session: SessionPool;
    try {
      await this.#turn;
      session = await this.#load(categories);
    } finally {
      this.#reloads--;
    }
    return session.run(feeds);
  }

  /** Positions that the text tower must read. */
  #neededLength(categories: readonly string[]): number {
    const needed = this.#prompts.neededLength(categories);
    return Math.max(this.#textLength, needed);
  }

  /** A session whose text tower is long enough for these categories. */
  async #load(categories: readonly string[]): Promise<SessionPool> {
    const needed = this.#neededLength(categories);
    if (this.#session !== undefined && needed === this.#textLength) {
      return this.#session;
    }
    await this.#session?.close();
    this.#session = undefined;
    this.#textLength = needed;
    const session = await this.#createSession();
    if (this.#isClosed) await session.close();
    return this.#session = session;
  }

  async #createSession(): Promise<SessionPool> {
    const { path, weights } = this.#model;
    const { smooth, precision, ...options } = this.#options;
    const textLength = this.#textLength;
    const files = [...weights.values()].map(({ file }) => file);
    const folder = await weightsFolder(files);
    const bytes = encodeDetector(this.#model, {
      textLength,
      smooth,
      precision,
      locate: folder.locate,
    });
    try {
      return await SessionPool.create(bytes, {
        weightsFolder: folder.path,
        ...options,
      });
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      const message =
        `Cannot run ${path} on ${options.provider}: ${error.message}`;
      throw new ModelError(message, { cause: error });
    }
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
