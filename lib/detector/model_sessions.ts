/**
 * The sessions of a model, for prompts of any length.
 *
 * @module
 */
import { importLate } from "../async/import_late.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import type { Graph } from "../graph/graph.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { floatPrecision } from "../methods/precision.ts";
import { fusedOn } from "../onnx/fusions.ts";
import {
  OnnxSession,
  type RunOptions,
  type RunResult,
} from "../onnx/session.ts";
import type { Tensors } from "../onnx/tensor.ts";
import { weightsFolder } from "../onnx/weights_folder.ts";
import { cannotRun } from "./cannot_run.ts";
import {
  encodeBeside,
  encodeDetector,
  type EncodeDetectorOptions,
} from "./encode_detector.ts";
import { runningPrecision } from "./int8/model_groups.ts";
import type { QuantisedOptions } from "./int8/quantised_tensors.ts";
import type { StoredTensors } from "./int8/quantised_file.ts";
import type { DetectorOptions } from "./options.ts";
import { runEach } from "./run_each.ts";
import {
  paysToPrepack,
  SessionPool,
  suitableSessions,
} from "./session_pool.ts";
import { smallFiles } from "./small_files.ts";

/** What the user is told before matrices are quantised. */
const FIRST_RUN =
  "the model's matrices are quantised now, once, which takes as long as " +
  "several images";

/** What the user is told of a model without wide layers. */
const TOO_NARROW =
  "the model runs in f32, as its layers are too narrow for int8 to save time";

/** What the user is told of a session that could not be loaded. */
function missing(sessions: number, error: unknown): string {
  return `one of ${sessions} sessions is missing, so images take longer: ${
    (error as Error).message
  }`;
}

/** Options of {@linkcode ModelSessions}. */
export type ModelSessionsOptions = Pick<
  DetectorOptions,
  | "provider"
  | "precision"
  | "threads"
  | "sessions"
  | "prepack"
  | "smooth"
  | "cacheFolder"
  | "onWarning"
  | "onLoading"
>;

/** How sessions run: every option, with its value. */
export type SessionSettings = {
  readonly [
    K in Exclude<
      keyof ModelSessionsOptions,
      "cacheFolder" | "onWarning" | "onLoading"
    >
  ]-?: NonNullable<ModelSessionsOptions[K]>;
};

/**
 * Sessions whose text tower reads only as many positions as the prompts need.
 * A longer prompt replaces the sessions; runs keep their order.
 */
export class ModelSessions {
  readonly #model: ModelDirectory;
  readonly #options: SessionSettings;
  readonly #quantising: QuantisedOptions;
  readonly #warn: (message: string) => void;
  readonly #onLoading: () => void;
  #started: OnnxSession | undefined;
  #quantised: Promise<StoredTensors> | undefined;
  #pool: SessionPool | undefined;
  /** Graphs that run after the model on single images. */
  readonly #attached = new Map<string, Graph>();
  #textLength = 0;
  #patches = { wanted: false, loaded: false };
  #isClosed = false;
  #reloads = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * Constructs without loading anything.
   *
   * @param started The first session, where it was started before. Who has
   * started it closes it if nothing is loaded.
   * @throws {ModelError} If the provider cannot run in this precision.
   */
  constructor(
    model: ModelDirectory,
    options: ModelSessionsOptions,
    started?: OnnxSession,
  ) {
    const { provider = "cpu", precision: asked = "f32" } = options;
    const { cacheFolder, onWarning, prepack = true } = options;
    assertRunnable(model, { provider, precision: asked });
    const precision = runningPrecision(model.weights, asked);
    const { smooth = model.architecture.smooth } = options;
    const threads = options.threads || navigator.hardwareConcurrency;
    const sessions = (options.sessions ?? 1) ||
      suitableSessions(model.weights, { provider, threads });
    this.#model = model;
    this.#options = {
      provider,
      precision,
      threads,
      sessions,
      prepack,
      smooth,
    };
    this.#warn = (message) => onWarning?.(message);
    this.#onLoading = () => options.onLoading?.();
    this.#started = started;
    if (precision !== asked) this.#warn(TOO_NARROW);
    const onMake = () => this.#warn(FIRST_RUN);
    this.#quantising = { cacheFolder, threads, onMake };
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
    // What is quantised as a whole must not depend on other images.
    const use = this.#options.precision === "int8" ? runEach : runTogether;
    const run = isReady
      ? use(this.#pool!, feeds, options)
      : this.#afterReload(neededLength, (pool) => use(pool, feeds, options));
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
    const { precision, ...options } = this.#options;
    const quantised = precision === "int8"
      ? await (this.#quantised ??= quantisedLate(this.#model, this.#quantising))
      : undefined;
    const stored = [...weights.values(), ...quantised?.values() ?? []];
    const folder = await weightsFolder(stored.map(({ file }) => file));
    const files = await smallFiles(weights);
    const prepack = quantised !== undefined ||
      options.prepack && paysToPrepack(weights, options.sessions);
    const first = this.#started ?? OnnxSession.start();
    this.#started = undefined;
    try {
      const model = this.#encode({
        ...quantised && { quantised },
        locate: folder.locate,
        files,
        sharersTogether: prepack,
      });
      const creating = SessionPool.create(first, model, {
        ...options,
        weightsFolder: folder.path,
        // It takes longer than it saves in a small network.
        optimise: files.size === 0 || options.provider !== "cpu",
        prepack,
        onMissing: (error) => this.#warn(missing(options.sessions, error)),
      });
      this.#onLoading();
      const pool = await creating;
      for (const [name, graph] of this.#attached) {
        await pool.attach(name, encodeBeside(graph));
      }
      return pool;
    } catch (error) {
      await first.close();
      cannotRun(path, options.provider, error);
    }
  }

  #encode(
    options: Pick<
      EncodeDetectorOptions,
      "quantised" | "locate" | "files" | "sharersTogether"
    >,
  ): Uint8Array<ArrayBuffer> {
    const { smooth, precision, provider } = this.#options;
    return encodeDetector(this.#model, {
      ...options,
      textLength: this.#textLength,
      smooth,
      precision: floatPrecision(precision),
      patches: this.#patches.loaded,
      fuse: fusedOn(provider),
    });
  }

  /** Frees the sessions. Runs that were not answered, and later ones, fail. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pool?.close();
  }
}

/** Their modules are loaded where matrices are quantised. */
async function quantisedLate(
  model: ModelDirectory,
  options: QuantisedOptions,
): Promise<StoredTensors> {
  const address = new URL("./int8/quantised_tensors.ts", import.meta.url);
  const { quantisedTensors } = await importLate<
    typeof import("./int8/quantised_tensors.ts")
  >(address);
  return await quantisedTensors(model, options);
}

/** Refuses what a provider has no operators for. */
function assertRunnable(
  { path }: ModelDirectory,
  { provider, precision }: Pick<SessionSettings, "provider" | "precision">,
): void {
  if (precision !== "int8" || provider === "cpu") return;
  throw new ModelError(
    `Cannot run ${path} in int8 as the provider must be cpu: current value ` +
      `is ${provider}`,
  );
}

function runTogether(
  pool: SessionPool,
  feeds: Tensors,
  options: RunOptions,
): Promise<RunResult> {
  return pool.run(feeds, options);
}
