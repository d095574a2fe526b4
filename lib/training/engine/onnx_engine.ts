/**
 * Losses and gradients by onnxruntime: forward and backward pass in one graph.
 *
 * @module
 */
import { ModelError } from "../../checkpoint/model_error.ts";
import type { Graph } from "../../graph/graph.ts";
import type { HostTensor } from "../../methods/training_rules.ts";
import type { ModelDirectory } from "../../methods/model_directory.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { fusedOn } from "../../onnx/fusions.ts";
import {
  OnnxSession,
  type Provider,
  SessionError,
} from "../../onnx/session.ts";
import { float32, type Tensors } from "../../onnx/tensor.ts";
import { weightsFolder } from "../../onnx/weights_folder.ts";
import type { Batch, StepResult, TrainingEngine } from "./training_engine.ts";
import type { NamedArrays } from "../optimiser.ts";
import { gradientName, probe } from "./loss_program.ts";
import {
  createPrograms,
  imageInputs,
  type ProgramOptions,
  type Programs,
  readLosses,
} from "./engine_programs.ts";

/** Options of {@linkcode OnnxEngine.open}. */
export interface OnnxEngineOptions extends ProgramOptions {
  /**
   * The size of every batch, if all have the same: the program then loads
   * faster.
   *
   * @default {any}
   */
  readonly batchSize?: number;
  /**
   * Where to run. A provider that is not available is an error.
   *
   * @default {"cpu"}
   */
  readonly provider?: Provider;
  /**
   * Threads within one operator; 0 for one per core.
   *
   * @default {0}
   */
  readonly threads?: number;
}

/** onnxruntime with the gradients of `lib/graph`. */
export class OnnxEngine implements TrainingEngine {
  readonly name = "onnx";
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly recomputes: boolean;
  readonly #model: ModelDirectory;
  readonly #options: OnnxEngineOptions;
  readonly #programs: Programs;
  #session: OnnxSession | undefined;
  #hostSession: OnnxSession | undefined;

  private constructor(model: ModelDirectory, options: OnnxEngineOptions) {
    this.#model = model;
    this.#options = options;
    this.#programs = createPrograms(model.architecture, options);
    const { forward, recompute } = this.#programs;
    this.recomputes = recompute;
    this.shapes = new Map(
      forward.parameters.map(({ name, shape }) => [name, shape]),
    );
  }

  /**
   * Builds and loads the training program.
   *
   * @throws {ModelError} If there is nothing to train, or the model or the
   * provider cannot be used.
   */
  static async open(
    model: ModelDirectory,
    options: OnnxEngineOptions,
  ): Promise<OnnxEngine> {
    const engine = new OnnxEngine(model, options);
    const { training, host } = engine.#programs;
    engine.#session = await engine.#createSession(training.graph);
    if (host === null) return engine;
    engine.#hostSession = await engine.#createSession(host.graph);
    return engine;
  }

  async step(batch: Batch, parameters: NamedArrays): Promise<StepResult> {
    const feeds = await this.#allFeeds(batch, parameters);
    const { outputs } = await this.#session!.run(feeds);
    const gradients = [...this.shapes.keys()].map((name) =>
      [name, float32(outputs, gradientName(name))] as const
    );
    return {
      ...readLosses(
        (name) => float32(outputs, name)[0]!,
        this.#programs.forward,
      ),
      gradients: new Map(gradients),
    };
  }

  async firstBadTensor(
    batch: Batch,
    parameters: NamedArrays,
  ): Promise<string | undefined> {
    const { forward, training } = this.#programs;
    const { graph, names } = probe(forward, training);
    await using session = await this.#createSession(graph, { optimise: false });
    const { outputs } = await session.run(
      await this.#allFeeds(batch, parameters),
    );
    return names[float32(outputs, "probe").findIndex(Number.isNaN)];
  }

  async close(): Promise<void> {
    await Promise.all([this.#session?.close(), this.#hostSession?.close()]);
  }

  async #createSession(
    graph: Graph,
    { optimise } = { optimise: true },
  ): Promise<OnnxSession> {
    const { path, weights } = this.#model;
    const { provider = "cpu", threads = 0, batchSize } = this.#options;
    const folder = await weightsFolder(
      [...weights.values()].map(({ file }) => file),
    );
    const bytes = encodeOnnx(graph, {
      precision: "f32",
      fuse: fusedOn(provider),
      weight: (name) => weights.get(name)!,
      locate: folder.locate,
      feed: new Set(this.shapes.keys()),
      ...batchSize !== undefined && { batch: batchSize },
    });
    try {
      return await OnnxSession.create(bytes, {
        weightsFolder: folder.path,
        provider,
        threads,
        optimise,
      });
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      const message = `Cannot train ${path} on ${provider}: ${error.message}`;
      throw new ModelError(message, { cause: error });
    }
  }

  /** The feeds of a step, with those that the host computes. */
  async #allFeeds(batch: Batch, parameters: NamedArrays): Promise<Tensors> {
    const feeds = this.#feeds(batch, parameters);
    const { host } = this.#programs;
    if (host === null) return feeds;
    const own = Object.entries(feeds).filter(([name]) => host.fed.has(name));
    const { outputs } = await this.#hostSession!.run(Object.fromEntries(own));
    const arrays = Object.keys(outputs).map((name) =>
      [name, float32(outputs, name)] as const
    );
    const made = host.inputs(Object.fromEntries(arrays), batch.size);
    const tensors = Object.entries(made).map(([name, tensor]) =>
      [name, { type: "float32" as const, ...tensor }] as const
    );
    return { ...feeds, ...Object.fromEntries(tensors) };
  }

  #feeds(batch: Batch, parameters: NamedArrays): Tensors {
    const { architecture } = this.#model;
    const { clip, imageSize: side } = architecture;
    const { size, rgb, text, mask, label } = batch;
    const float = (tensor: HostTensor) =>
      ({ type: "float32", ...tensor }) as const;
    const image = imageInputs(architecture, batch)?.map(([name, tensor]) =>
      [name, float(tensor)] as const
    );
    const n = clip.text.maxPositionEmbeddings;
    const trained = [...this.shapes].map(([name, shape]) => {
      const data = parameters.get(name)!;
      return [name, float({ shape, data })] as const;
    });
    const shape = [size, side, side, 3];
    return {
      ...image === undefined
        ? { rgb: { type: "uint8", shape, data: rgb } }
        : Object.fromEntries(image),
      ...text instanceof BigInt64Array
        ? {
          ids: {
            type: "int64",
            shape: [size, text.length / size / n, n],
            data: text,
          },
        }
        : {
          text: float({ shape: [size, 2, text.length / size / 2], data: text }),
        },
      mask: float({ shape: [size, side, side], data: mask }),
      label: float({ shape: [size], data: label }),
      ...Object.fromEntries(trained),
    };
  }
}
