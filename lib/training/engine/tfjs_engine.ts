/**
 * Losses and gradients by TensorFlow.js. It runs the same graph and computes
 * gradients with its own tape.
 *
 * @module
 */
import type { Graph } from "../../graph/graph.ts";
import type { ModelDirectory } from "../../methods/model_directory.ts";
import { openBackend } from "../../tfjs/backend.ts";
import type { BackendName } from "../../tfjs/backend_name.ts";
import { TfjsProgram } from "../../tfjs/tfjs_program.ts";
import type { ComputedTensors, FedTensors } from "../../tfjs/tensors.ts";
import type { Batch, StepResult, TrainingEngine } from "./training_engine.ts";
import type { NamedArrays } from "../optimiser.ts";
import { probe } from "./loss_program.ts";
import {
  createPrograms,
  imageInputs,
  type Programs,
  readLosses,
} from "./engine_programs.ts";
import type { TfjsEngineOptions } from "./open_tfjs_engine.ts";
import { readParameter } from "../trainable.ts";

/** Reads the stored tensors of a graph, except the trained ones. */
async function readFrozen(
  { nodes }: Graph,
  { weights }: ModelDirectory,
  trained: ReadonlySet<string>,
): Promise<Map<string, Float32Array>> {
  const frozen = new Map<string, Float32Array>();
  for (const { primitive, output: { name } } of nodes) {
    if (primitive !== "parameter" || trained.has(name)) continue;
    frozen.set(name, await readParameter(weights.get(name)!));
  }
  return frozen;
}

function floats(computed: ComputedTensors, name: string): Float32Array {
  const { data } = computed[name]!;
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

/**
 * TensorFlow.js as a training engine. All backends except WebGPU block the event
 * loop while they compute.
 */
export class TfjsEngine implements TrainingEngine {
  readonly name: string;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly recomputes: boolean;
  readonly #model: ModelDirectory;
  readonly #programs: Programs;
  readonly #program: TfjsProgram;
  readonly #hostProgram: TfjsProgram | null;

  private constructor(
    backend: BackendName,
    model: ModelDirectory,
    { programs, program, host }: {
      readonly programs: Programs;
      readonly program: TfjsProgram;
      readonly host: TfjsProgram | null;
    },
  ) {
    this.name = `tfjs on ${backend}`;
    this.#model = model;
    this.#programs = programs;
    this.#program = program;
    this.#hostProgram = host;
    this.recomputes = programs.recompute;
    this.shapes = new Map(
      programs.forward.parameters.map(({ name, shape }) => [name, shape]),
    );
  }

  /**
   * Builds the training program and uploads the tensors that are not trained.
   *
   * @throws {ModelError} If there is nothing to train, or the model or the
   * backend cannot be used.
   */
  static async open(
    model: ModelDirectory,
    { backend, ...options }: TfjsEngineOptions,
  ): Promise<TfjsEngine> {
    const programs = createPrograms(model.architecture, options);
    const { name } = await openBackend({ ...backend && { backend } });
    const { g, loss, reports, parameters } = programs.forward;
    const feed = new Set(parameters.map(({ name }) => name));
    const graph = g.build({ loss, ...reports });
    const frozen = await readFrozen(graph, model, feed);
    const program = new TfjsProgram(graph, {
      parameter: (name) => frozen.get(name)!,
      feed,
      recompute: programs.recompute,
    });
    const host = programs.host && new TfjsProgram(programs.host.graph, {
      parameter: (name) => frozen.get(name)!,
      feed,
    });
    return new TfjsEngine(name, model, { programs, program, host });
  }

  async step(batch: Batch, parameters: NamedArrays): Promise<StepResult> {
    const wrt = [...this.shapes.keys()];
    const { outputs, gradients } = await this.#program.lossAndGradients(
      await this.#allFeeds(batch, parameters),
      { loss: "loss", wrt },
    );
    return {
      ...readLosses(
        (name) => floats(outputs, name)[0]!,
        this.#programs.forward,
      ),
      gradients: new Map(wrt.map((name) => [name, floats(gradients, name)])),
    };
  }

  async firstBadTensor(
    batch: Batch,
    parameters: NamedArrays,
  ): Promise<string | undefined> {
    const { forward, training } = this.#programs;
    const { graph, names } = probe(forward, training);
    const feed = new Set(this.shapes.keys());
    const frozen = await readFrozen(graph, this.#model, feed);
    using program = new TfjsProgram(graph, {
      parameter: (name) => frozen.get(name)!,
      feed,
    });
    const feeds = await this.#allFeeds(batch, parameters);
    const outputs = await program.evaluate(feeds);
    return names[floats(outputs, "probe").findIndex(Number.isNaN)];
  }

  close(): Promise<void> {
    this.#program[Symbol.dispose]();
    this.#hostProgram?.[Symbol.dispose]();
    return Promise.resolve();
  }

  /** The feeds of a step, with those that the host computes. */
  async #allFeeds(
    batch: Batch,
    parameters: NamedArrays,
  ): Promise<FedTensors> {
    const feeds = this.#feeds(batch, parameters);
    const { host } = this.#programs;
    if (host === null) return feeds;
    const own = Object.entries(feeds).filter(([name]) => host.fed.has(name));
    const outputs = await this.#hostProgram!.evaluate(Object.fromEntries(own));
    const arrays = Object.keys(outputs).map((name) =>
      [name, floats(outputs, name)] as const
    );
    const made = host.inputs(Object.fromEntries(arrays), batch.size);
    return { ...feeds, ...made };
  }

  #feeds(batch: Batch, parameters: NamedArrays): FedTensors {
    const { architecture } = this.#model;
    const { clip, imageSize: side } = architecture;
    const { size, rgb, text, mask, label } = batch;
    const image = imageInputs(architecture, batch) ??
      [["rgb", { shape: [size, side, side, 3], data: rgb }] as const];
    const n = clip.text.maxPositionEmbeddings;
    const trained = [...this.shapes].map(([name, shape]) =>
      // A copy: the tensor may share the array, which the optimiser changes.
      [name, { shape, data: parameters.get(name)!.slice() }] as const
    );
    return {
      ...Object.fromEntries<FedTensors[string]>(image),
      ...text instanceof BigInt64Array
        ? { ids: { shape: [size, text.length / size / n, n], data: text } }
        : { text: { shape: [size, 2, text.length / size / 2], data: text } },
      mask: { shape: [size, side, side], data: mask },
      label: { shape: [size], data: label },
      ...Object.fromEntries(trained),
    };
  }
}
