/**
 * Text features by category, for models whose text features do not depend on
 * the image.
 *
 * @module
 */
import QuickLRU from "quick-lru";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { floatPrecision, type NetworkPrecision } from "../methods/precision.ts";
import type { PromptIds } from "../methods/prompts.ts";
import { OnnxSession, type Provider } from "../onnx/session.ts";
import { float32, type Tensor } from "../onnx/tensor.ts";
import { fusedOn } from "../onnx/fusions.ts";
import { weightsFolder } from "../onnx/weights_folder.ts";
import { cannotRun } from "./cannot_run.ts";
import { encodeText } from "./encode_detector.ts";

/** Options of {@linkcode TextFeatures}. */
export interface TextFeaturesOptions {
  /** Precision of the network; text is never quantised. */
  readonly precision: NetworkPrecision;
  /** Where to run. */
  readonly provider: Provider;
  /** Threads within one operator. */
  readonly threads: number;
}

/** What a session of the text tower can read. */
interface Reach {
  readonly perState: readonly [normal: number, abnormal: number];
  readonly length: number;
}

/** How many categories are kept: those that were used last. */
const CAPACITY = 1000;

/** The features of each category, computed once. */
export class TextFeatures implements AsyncDisposable {
  readonly #model: ModelDirectory;
  readonly #options: TextFeaturesOptions;
  readonly #made = new QuickLRU<string, Promise<Float32Array>>({
    maxSize: CAPACITY,
  });
  #session: OnnxSession | undefined;
  #reach: Reach | undefined;
  #isClosed = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** Constructs without loading anything. */
  constructor(model: ModelDirectory, options: TextFeaturesOptions) {
    this.#model = model;
    this.#options = options;
  }

  /**
   * The features of a category: one unit vector per state [2, Dt].
   *
   * @param prompt Its sentences.
   * @throws {ModelError} If the model or the provider cannot be used.
   */
  of(category: string, prompt: PromptIds): Promise<Float32Array> {
    const earlier = this.#made.get(category);
    if (earlier !== undefined) return earlier;
    const features = this.#turn.then(() => this.#compute(prompt));
    this.#made.set(category, features);
    // A failure is not kept, and does not stop the categories after it.
    this.#turn = features.catch(() => this.#made.delete(category));
    return features;
  }

  /** The features of the category of each image as one tensor [B, 2, Dt]. */
  async rows(
    prompts: readonly (readonly [category: string, prompt: PromptIds])[],
  ): Promise<Tensor<"float32">> {
    const rows = await Promise.all(
      prompts.map(([category, prompt]) => this.of(category, prompt)),
    );
    const width = this.#model.architecture.clip.projectionDim;
    const data = new Float32Array(rows.length * 2 * width);
    rows.forEach((row, i) => data.set(row, i * 2 * width));
    return { type: "float32", shape: [rows.length, 2, width], data };
  }

  async #compute(
    { ids, perState, endOfText }: PromptIds,
  ): Promise<Float32Array> {
    const session = await this.#load({
      perState,
      length: Math.max(...endOfText) + 1,
    });
    const count = perState[0] + perState[1];
    const shape = [count, ids.length / count];
    const feeds = { ids: { type: "int64", shape, data: ids } } as const;
    return float32((await session.run(feeds)).outputs, "text");
  }

  /** A session that reads so many sentences of this length or a longer one. */
  async #load(needed: Reach): Promise<OnnxSession> {
    const { perState, length } = this.#reach ?? { perState: [], length: 0 };
    const fits = perState.join() === needed.perState.join() &&
      needed.length <= length;
    if (this.#session !== undefined && fits) return this.#session;
    await this.#session?.close();
    const reach = { ...needed, length: Math.max(needed.length, length) };
    const session = await this.#createSession(reach);
    if (this.#isClosed) await session.close();
    this.#reach = reach;
    return this.#session = session;
  }

  async #createSession(reach: Reach): Promise<OnnxSession> {
    const { path, weights } = this.#model;
    const { provider, threads } = this.#options;
    const precision = floatPrecision(this.#options.precision);
    const files = [...weights.values()].map(({ file }) => file);
    const folder = await weightsFolder(files);
    const { locate } = folder;
    const bytes = encodeText(this.#model, {
      ...reach,
      precision,
      locate,
      fuse: fusedOn(provider),
    });
    const options = { weightsFolder: folder.path, provider, threads };
    return await OnnxSession.create(bytes, options)
      .catch((error) => cannotRun(path, provider, error));
  }

  /** Frees the session. Categories that were not computed before fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#session?.close();
  }

  /** Frees the session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
