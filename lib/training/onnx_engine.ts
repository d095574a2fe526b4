/**
 * Losses and gradients by onnxruntime, both passes and their backward pass in
 * one graph.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import type { Graph } from "../graph/graph.ts";
import type { ModelSizes } from "../mfp_clip/model.ts";
import type { ModelDirectory } from "../mfp_clip/model_directory.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { OnnxSession, type Provider, SessionError } from "../onnx/session.ts";
import { float32, type Tensors as OnnxTensors } from "../onnx/tensor.ts";
import type { PassLosses } from "../report/training_rows.ts";
import { weightsFolder } from "../onnx/weights_folder.ts";
import type { Batch, StepResult, TrainingEngine } from "./engine.ts";
import type { Tensors } from "./optimiser.ts";
import {
  differentiate,
  gradientName,
  lossNames,
  type LossProgram,
  lossProgram,
  probe,
  type TrainingProgram,
} from "./program.ts";

/** Options of {@linkcode OnnxEngine.open}. */
export interface OnnxEngineOptions {
  /** Names of tensors to train; those that no loss depends on are left. */
  readonly trainable: ReadonlySet<string>;
  /** How many token positions enter the text tower. */
  readonly textLength: number;
  /**
   * The size of every batch, where all are of one: the program then loads
   * faster.
   *
   * @default {any}
   */
  readonly batchSize?: number;
  /**
   * Decides whether the inside of vision blocks is computed again in the
   * backward pass, by the bytes that keeping all takes for each image.
   *
   * @default {never}
   */
  readonly recompute?: (tapeBytes: number) => boolean;
  /**
   * Where to run. A provider that cannot be had is an error.
   *
   * @default {"cpu"}
   */
  readonly provider?: Provider;
  /**
   * Threads within one operator; 0 for as many as there are cores.
   *
   * @default {0}
   */
  readonly threads?: number;
}

function chooseProgram(
  sizes: ModelSizes,
  options: OnnxEngineOptions,
): { forward: LossProgram; program: TrainingProgram; recompute: boolean } {
  const { recompute = () => false } = options;
  const forward = lossProgram(sizes, options);
  if (forward.parameters.length === 0) {
    throw new ModelError(
      "Cannot train as the loss must depend on one of the tensors to train: " +
        "current choices switch their modules off",
    );
  }
  const program = differentiate(forward, { recompute: false });
  if (!recompute(program.tapeBytes)) {
    return { forward, program, recompute: false };
  }
  const again = lossProgram(sizes, options);
  return {
    forward: again,
    program: differentiate(again, { recompute: true }),
    recompute: true,
  };
}

/** onnxruntime with the gradients of `lib/graph`. */
export class OnnxEngine implements TrainingEngine {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Whether the inside of vision blocks is computed again. */
  readonly recomputes: boolean;
  readonly #model: ModelDirectory;
  readonly #options: OnnxEngineOptions;
  readonly #forward: LossProgram;
  readonly #program: TrainingProgram;
  #session: OnnxSession | undefined;

  private constructor(model: ModelDirectory, options: OnnxEngineOptions) {
    const { forward, program, recompute } = chooseProgram(model.sizes, options);
    this.#model = model;
    this.#options = options;
    this.#forward = forward;
    this.#program = program;
    this.recomputes = recompute;
    this.shapes = new Map(
      forward.parameters.map(({ name, shape }) => [name, shape]),
    );
  }

  /**
   * Makes the training program and loads it.
   *
   * @throws {ModelError} If there is nothing to train, or the model or the
   * provider cannot be used.
   */
  static async open(
    model: ModelDirectory,
    options: OnnxEngineOptions,
  ): Promise<OnnxEngine> {
    const engine = new OnnxEngine(model, options);
    engine.#session = await engine.#createSession(engine.#program.graph);
    return engine;
  }

  async step(batch: Batch, parameters: Tensors): Promise<StepResult> {
    const feeds = this.#feeds(batch, parameters);
    const { outputs } = await this.#session!.run(feeds);
    const names = [...this.shapes.keys()];
    return {
      loss: float32(outputs, "loss")[0]!,
      coarse: this.#model.sizes.config.mp ? losses(outputs, "coarse") : null,
      refined: losses(outputs, "refined"),
      gradients: new Map(
        names.map((name) => [name, float32(outputs, gradientName(name))]),
      ),
    };
  }

  async firstBadTensor(
    batch: Batch,
    parameters: Tensors,
  ): Promise<string | undefined> {
    const { graph, names } = probe(this.#forward, this.#program);
    await using session = await this.#createSession(graph, { optimise: false });
    const { outputs } = await session.run(this.#feeds(batch, parameters));
    return names[float32(outputs, "probe").findIndex(Number.isNaN)];
  }

  async close(): Promise<void> {
    await this.#session?.close();
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

  #feeds(batch: Batch, parameters: Tensors): OnnxTensors {
    const { clip, config: { imageSize: side } } = this.#model.sizes;
    const { size, rgb, ids, mask, label } = batch;
    const n = clip.text.maxPositionEmbeddings;
    const trained = [...this.shapes].map(([name, shape]) => {
      const data = parameters.get(name)!;
      return [name, { type: "float32" as const, shape, data }] as const;
    });
    return {
      rgb: { type: "uint8", shape: [size, side, side, 3], data: rgb },
      ids: { type: "int64", shape: [size, 2, n], data: ids },
      mask: { type: "float32", shape: [size, side, side], data: mask },
      label: { type: "float32", shape: [size], data: label },
      ...Object.fromEntries(trained),
    };
  }
}

function losses(outputs: OnnxTensors, pass: "coarse" | "refined"): PassLosses {
  const names = lossNames(pass);
  return {
    focal: float32(outputs, names.focal)[0]!,
    dice: float32(outputs, names.dice)[0]!,
    bce: float32(outputs, names.bce)[0]!,
  };
}
