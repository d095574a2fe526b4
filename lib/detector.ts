/**
 * Images in, anomaly maps and scores out.
 *
 * @module
 */
import { ModelError } from "./checkpoint/model_error.ts";
import { encodeDetector } from "./detector/encode_detector.ts";
import { SessionPool } from "./detector/session_pool.ts";
import type { RgbImage } from "./image/image.ts";
import { resizeBicubic } from "./image/resample.ts";
import {
  type ModelDirectory,
  openModelDirectory,
  promptOptions,
} from "./mfp_clip/model_directory.ts";
import {
  type PromptIds,
  promptIds,
  type Prompts,
  type Sentences,
} from "./mfp_clip/prompts.ts";
import type { Precision } from "./onnx/emitter.ts";
import { type Provider, type RunResult, SessionError } from "./onnx/session.ts";
import { float32, type Tensors } from "./onnx/tensor.ts";
import { weightsFolder } from "./onnx/weights_folder.ts";

/** Options of {@linkcode Detector.open}. */
export interface DetectorOptions {
  /**
   * Where to run. A provider that cannot be had is an error.
   *
   * @default {"cpu"}
   */
  readonly provider?: Provider;
  /**
   * Precision of the network; maps and scores are float32 in either.
   *
   * @default {"f32"}
   */
  readonly precision?: Exclude<Precision, "f64">;
  /**
   * Threads in all; 0 for as many as there are cores.
   *
   * @default {0}
   */
  readonly threads?: number;
  /**
   * How many batches are looked at side by side, by sessions that share the
   * threads. More sessions finish more images in the same time, each with the
   * memory of a session; a single image takes longer. 0 is for one a thread
   * where the weights are small, and one where they are not.
   *
   * @default {1}
   */
  readonly sessions?: number;
  /**
   * Standard deviation in pixels of the Gaussian that smooths anomaly maps.
   * Image scores are taken before it.
   *
   * @default {0}
   */
  readonly smooth?: number;
  /** Names and sentences of categories; others are named as they are. */
  readonly prompts?: Prompts;
  /**
   * Categories known beforehand. Others work too, but one with a longer name
   * makes the model load again.
   *
   * @default {[]}
   */
  readonly categories?: readonly string[];
  /**
   * Where copies of tensors are kept that a checkpoint does not store row by
   * row. Without it such a checkpoint is an error; most need none.
   */
  readonly cacheFolder?: string;
  /** Told once of each thing the user should know. */
  readonly onWarning?: (message: string) => void;
}

/** One image to look at. */
export interface DetectorInput {
  /** What {@linkcode Detector.preprocess} returned. */
  readonly pixels: Uint8Array; // [side, side, 3]
  /** What the product is called. */
  readonly category: string;
}

/** What was seen in one image. */
export interface Detection {
  /** Anomaly map M, from 0 (normal) to 1. */
  readonly anomalyMap: Float32Array; // [side, side]
  /** log M - log(1 - M): it ranks where M saturates. */
  readonly logitMap: Float32Array; // [side, side]
  /** Image score S, the maximum of M before smoothing. */
  readonly imageScore: number;
  /** The same on the logit map. */
  readonly scoreLogit: number;
  /** Time in the session, shared equally by the images of a batch. */
  readonly milliseconds: number;
}

type Options = Required<
  Pick<
    DetectorOptions,
    "provider" | "precision" | "threads" | "sessions" | "smooth"
  >
>;

/** Bytes of weights above which a second session takes too much memory. */
const LARGE = 2 ** 30;

function suitableSessions(
  { weights }: ModelDirectory,
  { provider, threads }: Pick<Options, "provider" | "threads">,
): number {
  let bytes = 0;
  for (const { byteLength } of weights.values()) bytes += byteLength;
  return provider !== "cpu" || bytes > LARGE ? 1 : threads;
}

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
  readonly #prompts: Prompts;
  readonly #onWarning: (message: string) => void;
  readonly #promptIds = new Map<string, PromptIds>();
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
      sessions: sessions || suitableSessions(model, { provider, threads }),
      smooth,
    };
    this.#prompts = options.prompts ?? new Map();
    this.#onWarning = options.onWarning ?? (() => {});
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

  /** The sentences used so far, by category. */
  get promptsUsed(): Record<string, Sentences> {
    return Object.fromEntries(
      [...this.#promptIds].map(([category, { sentences }]) => [
        category,
        sentences,
      ]),
    );
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
    this.#turn = Promise.allSettled([this.#turn, run]);
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
    const ends = categories.flatMap((category) =>
      this.#prompt(category).endOfText
    );
    return Math.max(this.#textLength, ...ends.map((end) => end + 1), 1);
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

  #prompt(category: string): PromptIds {
    const known = this.#promptIds.get(category);
    if (known !== undefined) return known;
    const { tokenizer, sizes } = this.#model;
    const options = promptOptions(sizes, this.#prompts);
    const prompt = promptIds(tokenizer, category, options);
    prompt.warnings.forEach((warning) => this.#onWarning(warning));
    this.#promptIds.set(category, prompt);
    return prompt;
  }

  #feeds(inputs: readonly DetectorInput[]): Tensors {
    const { side } = this;
    const n = this.#model.sizes.clip.text.maxPositionEmbeddings;
    const rgb = new Uint8Array(inputs.length * side * side * 3);
    const ids = new BigInt64Array(inputs.length * 2 * n);
    for (const [i, { pixels, category }] of inputs.entries()) {
      if (pixels.length !== side * side * 3) {
        throw new TypeError(
          `Cannot look at image ${i} as its pixels must be [${side}, ${side}, ` +
            `3]: current length is ${pixels.length}`,
        );
      }
      rgb.set(pixels, i * pixels.length);
      ids.set(this.#prompt(category).ids, i * 2 * n);
    }
    const batch = inputs.length;
    return {
      rgb: { type: "uint8", shape: [batch, side, side, 3], data: rgb },
      ids: { type: "int64", shape: [batch, 2, n], data: ids },
    };
  }
}
