/**
 * Runs the training program of a stage with onnxruntime.
 *
 * @module
 */
import type { ModelDirectory } from "../methods/model_directory.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { OnnxSession } from "../onnx/session.ts";
import { float32, type Tensors } from "../onnx/tensor.ts";
import { weightsFolder } from "../onnx/weights_folder.ts";
import type { NamedArrays } from "../training/optimiser.ts";
import {
  differentiate,
  gradientName,
  type LossProgram,
} from "../training/engine/loss_program.ts";

/** The result of a step. */
export interface StageResult {
  /** The loss. */
  readonly loss: number;
  /** Scalars to report, by name. */
  readonly reports: Readonly<Record<string, number>>;
  /** The gradient of the loss by each trained tensor. */
  readonly gradients: NamedArrays;
}

/** Options of {@linkcode StageEngine.open}. */
export interface StageEngineOptions {
  /** The size of every batch. */
  readonly batchSize: number;
  /** Threads within one operator; 0 for one per core. */
  readonly threads: number;
}

/** A session that computes a loss and its gradients. */
export class StageEngine implements AsyncDisposable {
  /** Name -> shape of the trained tensors. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly #reports: readonly string[];
  readonly #session: OnnxSession;

  private constructor(program: LossProgram, session: OnnxSession) {
    this.shapes = shapesOf(program);
    this.#reports = Object.keys(program.reports);
    this.#session = session;
  }

  /**
   * Differentiates a loss and loads the program.
   *
   * @param model The model with the tensors that are not trained.
   */
  static async open(
    program: LossProgram,
    model: Pick<ModelDirectory, "weights">,
    { batchSize, threads }: StageEngineOptions,
  ): Promise<StageEngine> {
    const { weights } = model;
    const folder = await weightsFolder(
      [...weights.values()].map(({ file }) => file),
    );
    const { graph } = differentiate(program, { recompute: false });
    const bytes = encodeOnnx(graph, {
      precision: "f32",
      weight: (name) => weights.get(name)!,
      locate: folder.locate,
      feed: new Set(shapesOf(program).keys()),
      batch: batchSize,
    });
    const session = await OnnxSession.create(bytes, {
      weightsFolder: folder.path,
      threads,
    });
    return new StageEngine(program, session);
  }

  /** Computes loss and gradients. */
  async step(inputs: Tensors, parameters: NamedArrays): Promise<StageResult> {
    const trained = [...this.shapes].map(([name, shape]) => {
      const data = parameters.get(name)!;
      return [name, { type: "float32" as const, shape, data }] as const;
    });
    const feeds = { ...inputs, ...Object.fromEntries(trained) };
    const { outputs } = await this.#session.run(feeds);
    const read = (name: string) => float32(outputs, name)[0]!;
    return {
      loss: read("loss"),
      reports: Object.fromEntries(
        this.#reports.map((name) => [name, read(name)]),
      ),
      gradients: new Map(
        [...this.shapes.keys()].map((name) => [
          name,
          float32(outputs, gradientName(name)),
        ]),
      ),
    };
  }

  /** Frees the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
  }
}

function shapesOf(
  { parameters }: LossProgram,
): Map<string, readonly number[]> {
  return new Map(parameters.map(({ name, shape }) => [name, shape]));
}
