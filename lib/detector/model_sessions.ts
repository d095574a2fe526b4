/**
 * The sessions of a model, for prompts of any length.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import {
  type Provider,
  type RunResult,
  SessionError,
} from "../onnx/session.ts";
import type { Tensors } from "../onnx/tensor.ts";
import { weightsFolder } from "../onnx/weights_folder.ts";
import { encodeDetector } from "./encode_detector.ts";
import type { DetectorOptions } from "./options.ts";
import { SessionPool, suitableSessions } from "./session_pool.ts";

/** Options of {@linkcode ModelSessions}. */
export type ModelSessionsOptions = Pick<
  DetectorOptions,
  "provider" | "precision" | "threads" | "sessions" | "smooth"
>;

/** How sessions run: every option, with its value. */
export type SessionSettings = {
  readonly [K in keyof ModelSessionsOptions]-?: NonNullable<
    ModelSessionsOptions[K]
  >;
};

/**
 * Sessions whose text tower reads only as many positions as the prompts need.
 * A longer prompt replaces the sessions; runs keep their order.
 */
export class ModelSessions {
  readonly #model: ModelDirectory;
  readonly #options: SessionSettings;
  #pool: SessionPool | undefined;
  #textLength = 0;
  #isClosed = false;
  #reloads = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** Constructs without loading anything. */
  constructor(model: ModelDirectory, options: ModelSessionsOptions) {
    const { provider = "cpu", precision = "f32" } = options;
    const { smooth = model.architecture.smooth } = options;
    const threads = options.threads || navigator.hardwareConcurrency;
    const sessions = (options.sessions ?? 1) ||
      suitableSessions(model.weights, { provider, threads });
    this.#model = model;
    this.#options = { provider, precision, threads, sessions, smooth };
  }

  /** How everything of the model runs. */
  get options(): SessionSettings {
    return this.#options;
  }

  /** How many batches run side by side. */
  get count(): number {
    return this.#options.sessions;
  }

  /**
   * Loads the model, unless it is loaded for prompts of this length or longer.
   *
   * @param neededLength Positions that the text tower must read.
   * @throws {ModelError} If the model or the provider cannot be used.
   */
  async load(neededLength: number): Promise<SessionPool> {
    const needed = Math.max(this.#textLength, neededLength);
    if (this.#pool !== undefined && needed === this.#textLength) {
      return this.#pool;
    }
    await this.#pool?.close();
    this.#pool = undefined;
    this.#textLength = needed;
    const pool = await this.#createPool();
    if (this.#isClosed) await pool.close();
    return this.#pool = pool;
  }

  /**
   * Runs a batch. It is handed to a session at once, so that the session never
   * waits for the event loop, unless the model must first be loaded again.
   *
   * @param neededLength Positions that the text tower must read.
   * @throws {ModelError} If the model has to be loaded again and cannot be.
   * @throws {SessionError} If the session fails or was closed.
   */
  run(feeds: Tensors, neededLength: number): Promise<RunResult> {
    const isReady = this.#reloads === 0 && this.#pool !== undefined &&
      neededLength <= this.#textLength;
    const run = isReady
      ? this.#pool!.run(feeds)
      : this.#runAfterReload(feeds, neededLength);
    // The next turn must not keep the results of this one, hence `then`.
    this.#turn = Promise.allSettled([this.#turn, run]).then(() => {});
    return run;
  }

  async #runAfterReload(
    feeds: Tensors,
    neededLength: number,
  ): Promise<RunResult> {
    this.#reloads++;
    let pool: SessionPool;
    try {
      await this.#turn;
      pool = await this.load(neededLength);
    } finally {
      this.#reloads--;
    }
    return pool.run(feeds);
  }

  async #createPool(): Promise<SessionPool> {
    const { path, weights } = this.#model;
    const { smooth, precision, ...options } = this.#options;
    const files = [...weights.values()].map(({ file }) => file);
    const folder = await weightsFolder(files);
    const bytes = encodeDetector(this.#model, {
      textLength: this.#textLength,
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
      cannotRun(path, options.provider, error);
    }
  }

  /** Frees the sessions. Runs that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool?.close();
  }
}

/** Throws what a session did not accept as the fault of model or provider. */
export function cannotRun(
  path: string,
  provider: Provider,
  error: unknown,
): never {
  if (!(error instanceof SessionError)) throw error;
  const message = `Cannot run ${path} on ${provider}: ${error.message}`;
  throw new ModelError(message, { cause: error });
}
