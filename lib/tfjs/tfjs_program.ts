/**
 * Graphs in TensorFlow.js: evaluated eagerly, differentiated by its own tape.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Value } from "../graph/graph.ts";
import { elementCount, formatShape } from "../graph/shape.ts";
import { groupUnits, type Unit } from "../graph/units.ts";
import { COMPOSITE_KERNELS } from "./kernels.ts";
import { dependentsOf, ends, GraphRun, split } from "./graph_run.ts";
import {
  batchSize,
  type ComputedTensors,
  type FedTensors,
  fromTensors,
  resolveShape,
  toTensor,
} from "./tensors.ts";

/** Options of {@linkcode TfjsProgram}. */
export interface TfjsProgramOptions {
  /** The numbers of a parameter, row-major; they must stay as they are. */
  readonly parameter: (name: string) => Float32Array;
  /**
   * Names of parameters that every run is fed, like inputs.
   *
   * @default {new Set()}
   */
  readonly feed?: ReadonlySet<string>;
  /**
   * Whether the inside of a segment is computed once more for its gradients,
   * rather than kept.
   *
   * @default {false}
   */
  readonly recompute?: boolean;
}

/** What {@linkcode TfjsProgram.lossAndGradients} differentiates. */
export interface GradientRequest {
  /** Name of the output to differentiate, a scalar. */
  readonly loss: string;
  /** Names of the parameters to differentiate by. */
  readonly wrt: readonly string[];
}

/** What a graph computes, and gradients of one of its outputs. */
export interface LossAndGradients {
  /** Every output of the graph, the loss among them. */
  readonly outputs: ComputedTensors;
  /** The gradient by each parameter that was asked for. */
  readonly gradients: ComputedTensors;
}

/**
 * A graph with its stored parameters, on the backend that `openBackend` chose.
 * It holds those tensors until it is disposed of, and nothing else between
 * runs.
 */
export class TfjsProgram implements Disposable {
  readonly #graph: Graph;
  readonly #recompute: boolean;
  readonly #stored = new Map<Value, tf.Tensor>();

  /**
   * Uploads constants and parameters.
   *
   * @param options Where its parameters come from.
   * @throws {TypeError} If a parameter has another number of elements.
   */
  constructor(
    graph: Graph,
    { parameter, feed = new Set(), recompute = false }: TfjsProgramOptions,
  ) {
    this.#recompute = recompute;
    const inputs = [...graph.inputs];
    for (const { primitive, output, attributes } of graph.nodes) {
      if (primitive === "constant") this.#store(output, attributes.data);
      if (primitive !== "parameter") continue;
      if (feed.has(output.name)) inputs.push(output);
      else this.#store(output, parameter(output.name));
    }
    this.#graph = { ...graph, inputs };
  }

  #store(value: Value, data: Float32Array | Float64Array): void {
    const { name, shape } = value;
    if (data.length !== elementCount(shape)) {
      throw new TypeError(
        `Cannot store ${name} as it must be ${formatShape(shape)}: current ` +
          `number of elements is ${data.length}`,
      );
    }
    this.#stored.set(value, tf.keep(toTensor(value, { shape, data })));
  }

  /**
   * Computes the outputs.
   *
   * @param feeds Tensors for the inputs; they fix the batch size.
   * @throws {TypeError} If a fed tensor does not fit.
   */
  async evaluate(feeds: FedTensors): Promise<ComputedTensors> {
    const run = this.#run(feeds, new Set());
    const units = this.#units(false);
    const outputs = tf.tidy(() => {
      run.execute(units, this.#outputs);
      return this.#handles(run);
    });
    return await fromTensors(outputs);
  }

  /**
   * Computes the outputs, and gradients of one of them by the tape.
   *
   * @param feeds Tensors for the inputs; they fix the batch size.
   * @param request What to differentiate by what.
   * @throws {TypeError} If a fed tensor does not fit, or the loss is not a
   * scalar output that depends on each parameter.
   */
  async lossAndGradients(
    feeds: FedTensors,
    { loss, wrt }: GradientRequest,
  ): Promise<LossAndGradients> {
    const target = this.#scalar(loss);
    const parameters = wrt.map((name) => this.#parameter(name));
    const units = this.#units(this.#recompute);
    const dependents = dependentsOf(units, parameters);
    const { before, after } = split(units, dependents);
    const run = this.#run(feeds, dependents);
    let outputs: tf.NamedTensorMap = {};
    const forward = () => {
      run.execute(after, this.#outputs);
      outputs = this.#handles(run);
      Object.values(outputs).forEach((handle) => tf.keep(handle));
      return run.tensor(target);
    };
    try {
      const gradients = tf.tidy(() => {
        const read = new Set(after.flatMap((unit) => ends(unit).inputs));
        run.execute(before, read.union(this.#outputs));
        const xs = parameters.map((parameter) => run.tensor(parameter));
        const { grads } = tf.engine().gradients(forward, xs, undefined, true);
        return named(grads, { loss, wrt });
      });
      return {
        gradients: await fromTensors(gradients),
        outputs: await fromTensors(outputs),
      };
    } finally {
      tf.dispose(outputs);
    }
  }

  /** Frees constants and parameters. */
  [Symbol.dispose](): void {
    for (const tensor of this.#stored.values()) tensor.dispose();
    this.#stored.clear();
  }

  get #outputs(): ReadonlySet<Value> {
    return new Set(this.#graph.outputs.values());
  }

  #units(recompute: boolean): Unit[] {
    return groupUnits(this.#graph, {
      outputs: this.#outputs,
      accept: ({ kind }) =>
        (recompute && kind === "segment") ||
        COMPOSITE_KERNELS[kind] !== undefined,
    });
  }

  #run(feeds: FedTensors, dependents: ReadonlySet<Value>): GraphRun {
    const batch = batchSize(this.#graph, feeds);
    return new GraphRun({
      composites: this.#graph.composites,
      stored: this.#stored,
      dependents,
      leaf: (value) =>
        this.#stored.get(value) ?? toTensor(value, feeds[value.name]!),
      resolve: (shape) => resolveShape(shape, batch),
    });
  }

  /** Handles of the outputs that may be disposed of. */
  #handles(run: GraphRun): tf.NamedTensorMap {
    const { outputs } = this.#graph;
    return Object.fromEntries(
      [...outputs].map(([name, value]) => [name, run.tensor(value).clone()]),
    );
  }

  #scalar(name: string): Value {
    const value = this.#graph.outputs.get(name);
    if (value?.shape.length === 0) return value;
    throw new TypeError(
      `Cannot differentiate ${name} as it must be a scalar output: current ` +
        `shape is ${value ? formatShape(value.shape) : "missing"}`,
    );
  }

  #parameter(name: string): Value {
    const node = this.#graph.nodes.find(({ primitive, output }) =>
      primitive === "parameter" && output.name === name
    );
    if (node !== undefined) return node.output;
    throw new TypeError(
      `Cannot differentiate by ${name} as the graph has no such parameter`,
    );
  }
}

function named(
  gradients: readonly (tf.Tensor | undefined)[],
  { loss, wrt }: GradientRequest,
): tf.NamedTensorMap {
  const missing = wrt.find((_, i) => gradients[i] === undefined);
  if (missing !== undefined) {
    throw new TypeError(
      `Cannot differentiate ${loss} by ${missing} as it must depend on it`,
    );
  }
  return Object.fromEntries(wrt.map((name, i) => [name, gradients[i]!]));
}
