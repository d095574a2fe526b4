/**
 * The sessions of a model, for prompts of any length.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import type { Graph } from "../graph/graph.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { fusedOn } from "../onnx/fusions.ts";
import {
  type Provider,
  type RunOptions,
  type RunResult,
  SessionError,
} from "../onnx/session.ts";
import type { Tensors } from "../onnx/tensor.ts";
import { weightsFolder } from "../onnx/weights_folder.ts";
import { encodeBeside, encodeDetector } from "./encode_detector.ts";
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
  /** Graphs that run after the model on single images. */
  readonly #attached = new Map<string, Graph>();
  #textLength = 0;
  #patches = { wanted: false, loaded: false };
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
    if (this.#pool !== undefined && this.#isLoaded(neededLength)) {
      return this.#pool;
    }
    await this.#pool?.close();
    this.#pool = undefined;
    this.#textLength = Math.max(this.#textLength, neededLength);
    this.#patches.loaded = this.#patches.wanted;
    const pool = await this.#createPool();
    if (this.#isClosed) await pool.close();
    return this.#pool = pool;
  }

  /** Whether the model outputs its patches too. */
  get hasPatches(): boolean {
    return this.#patches.wanted;
  }

  /** Makes the model output its patches too, from the next run on. */
  addPatches(): void {
    this.#patches.wanted = true;
  }

  /**
   * Adds a graph that runs after the model on single images, whose inputs are
   * outputs of the model. A run chooses it by its name.
   *
   * @throws {ModelError} If the model has to be loaded again and cannot be.
   * @throws {SessionError} If onnxruntime refuses it or the session was closed.
   */
  async attach(name: string, graph: Graph): Promise<void> {
    await this.#inTurn(this.#afterReload(1, (pool) => {
      this.#attached.set(name, graph);
      return pool.attach(name, encodeBeside(graph));
    }));
  }

  /**
   * Frees a graph that was attached, once the runs before have ended.
   *
   * @throws {ModelError} If the model has to be loaded again and cannot be.
   * @throws {SessionError} If the session was closed.
   */
  async detach(name: string): Promise<void> {
    await this.#inTurn(this.#afterReload(1, (pool) => {
      this.#attached.delete(name);
      return pool.detach(name);
    }));
  }

  /**
   * Runs a batch. It is handed to a session at once, so that the session never
   * waits for the event loop, unless the model must first be loaded again.
   *
   * @param neededLength Positions that the text tower must read.
   * @throws {ModelError} If the model has to be loaded again and cannot be.
   * @throws {SessionError} If the session fails or was closed.
   */
  run(
    feeds: Tensors,
    neededLength: number,
    options: RunOptions = {},
  ): Promise<RunResult> {
    const isReady = this.#reloads === 0 && this.#pool !== undefined &&
      this.#isLoaded(neededLength);
    const run = isReady
      ? this.#pool!.run(feeds, options)
      : this.#afterReload(neededLength, (pool) => pool.run(feeds, options));
    return this.#inTurn(run);
  }

  #isLoaded(neededLength: number): boolean {
    const { wanted, loaded } = this.#patches;
    return neededLength <= this.#textLength && (loaded || !wanted);
  }

  #inTurn<T>(work: Promise<T>): Promise<T> {
    // The next turn must not keep the results of this one, hence `then`.
    this.#turn = Promise.allSettled([this.#turn, work]).then(() => {});
    return work;
  }

  async #afterReload<T>(
    neededLength: number,
    use: (pool: SessionPool) => Promise<T>,
  ): Promise<T> {
    this.#reloads++;
    let pool: SessionPool;
    try {
      await this.#turn;
      pool = await this.load(neededLength);
    } finally {
      this.#reloads--;
    }
    return await use(pool);
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
      patches: this.#patches.loaded,
      fuse: fusedOn(options.provider),
      locate: folder.locate,
    });
    try {
      const pool = await SessionPool.create(bytes, {
        weightsFolder: folder.path,
        ...options,
      });
      for (const [name, graph] of this.#attached) {
        await pool.attach(name, encodeBeside(graph));
      }
      return pool;
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
