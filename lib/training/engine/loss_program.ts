/**
 * The training program: from a batch to losses and their gradients.
 *
 * @module
 */
import { ModelError } from "../../checkpoint/model_error.ts";
import { gradients } from "../../graph/backward.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import {
  type Graph,
  isLeaf,
  type Node,
  type Value,
} from "../../graph/graph.ts";
import { BATCH, elementCount } from "../../graph/shape.ts";
import type { Architecture } from "../../methods/architecture.ts";
import type { HostStep, TrainingRules } from "../../methods/training_rules.ts";

/** Options of {@linkcode lossProgram}. */
export interface LossProgramOptions {
  /** How many token positions enter the text tower. */
  readonly textLength: number;
  /** Names of tensors to train; those that no loss depends on are left out. */
  readonly trainable: ReadonlySet<string>;
  /**
   * Whether the features of images that losses read are inputs, as they were
   * computed before.
   *
   * @default {false}
   */
  readonly fedImages?: boolean;
}

/** The forward half of a training program. */
export interface LossProgram {
  /** Its builder. */
  readonly g: GraphBuilder;
  /** The loss, a scalar. */
  readonly loss: Value;
  /** Scalars to report, by name. */
  readonly reports: Readonly<Record<string, Value>>;
  /** The tensors to train. */
  readonly parameters: readonly Value[];
}

/** Name of a gradient among the outputs of a program. */
export function gradientName(parameter: string): string {
  return `gradient of ${parameter}`;
}

/**
 * Records the model with its losses, from the inputs `rgb` or features of
 * images, `ids` or `text`, `mask` and `label`.
 *
 * @throws {ModelError} If the method has nothing to train.
 */
export function lossProgram(
  { method, training }: Architecture,
  { textLength, trainable, fedImages = false }: LossProgramOptions,
): LossProgram {
  if (training === null) {
    throw new ModelError(
      `Cannot train as ${method.title} has nothing to train`,
    );
  }
  const g = new GraphBuilder();
  const image = imageFeatures(g, training, fedImages);
  const options = { textLength, ...image && { image } };
  const { total: loss, reports } = training.losses(g, options);
  const parameters = g.build({ loss }).nodes
    .filter(({ primitive }) => primitive === "parameter")
    .map(({ output }) => output)
    .filter(({ name }) => trainable.has(name));
  return { g, loss, reports, parameters };
}

/** What runs before each step, for inputs that the host computes. */
export interface HostProgram {
  /** Its outputs are what {@linkcode HostStep.inputs} reads. */
  readonly graph: Graph;
  /** Names of its inputs and of the trained tensors that it reads. */
  readonly fed: ReadonlySet<string>;
  /** Computes inputs of the losses. */
  readonly inputs: HostStep["inputs"];
}

/**
 * Records what runs before each step.
 *
 * @returns The program; null where the losses need none.
 */
export function hostProgram(
  { training }: Architecture,
  { textLength, trainable }: LossProgramOptions,
): HostProgram | null {
  const step = training?.hostStep;
  if (step === undefined) return null;
  const g = new GraphBuilder();
  const graph = g.build(step.outputs(g, { textLength }));
  const read = graph.nodes.filter(({ primitive, output }) =>
    primitive === "input" ||
    primitive === "parameter" && trainable.has(output.name)
  );
  const fed = new Set(read.map(({ output }) => output.name));
  return { graph, fed, inputs: step.inputs.bind(step) };
}

/** The features of images that losses read: inputs, or computed from `rgb`. */
function imageFeatures(
  g: GraphBuilder,
  { image }: TrainingRules,
  fed: boolean,
): Readonly<Record<string, Value>> | undefined {
  if (image === undefined || !fed) return image?.record(g);
  const inputs = [...image.shapes].map(([name, shape]) =>
    [name, g.cast(g.input(name, [BATCH, ...shape], "wide"), "float")] as const
  );
  return Object.fromEntries(inputs);
}

/** A training program: forward and backward pass. */
export interface TrainingProgram {
  /** Outputs `loss`, the reported losses, and the gradients. */
  readonly graph: Graph;
  /** Bytes per image that it keeps for its backward pass. */
  readonly tapeBytes: number;
}

/**
 * Adds the gradients to a loss.
 *
 * @param program The forward half; its builder records the backward half.
 * @param options Whether the backward pass computes the inside of vision blocks
 * again.
 */
export function differentiate(
  { g, loss, reports, parameters }: LossProgram,
  { recompute }: { readonly recompute: boolean },
): TrainingProgram {
  const forward = new Set(g.recorded().nodes);
  const found = gradients(g, loss, { wrt: parameters, recompute });
  const outputs = parameters.map(({ name }, i) =>
    [gradientName(name), found[i]!] as const
  );
  const graph = g.build({ loss, ...reports, ...Object.fromEntries(outputs) });
  return { graph, tapeBytes: tapeBytes(graph, forward) };
}

const ELEMENT_BYTES: Record<Value["type"], number> = {
  float: 4,
  wide: 4,
  half: 2,
  int: 8,
  bool: 1,
  uint8: 1,
};

/** Size of the values that the backward pass reads from the forward pass. */
function tapeBytes({ nodes }: Graph, forward: ReadonlySet<Node>): number {
  const own = new Map<Value, Value>();
  for (const node of nodes) {
    if (!forward.has(node) || isLeaf(node)) continue;
    // A reshaped tensor takes no memory of its own.
    const source = node.primitive === "reshape" ? node.inputs[0]! : node.output;
    own.set(node.output, own.get(source) ?? source);
  }
  const read = nodes.filter((node) => !forward.has(node))
    .flatMap(({ inputs }) => inputs)
    .map((input) => own.get(input)).filter((value) => value !== undefined);
  let bytes = 0;
  for (const { shape, type } of new Set(read)) {
    bytes += Math.abs(elementCount(shape)) * ELEMENT_BYTES[type];
  }
  return bytes;
}

/** A program that finds tensors with numbers that are not finite. */
export interface ProbeProgram {
  /** One output, `probe`: 0 for each tensor that is finite, else NaN. */
  readonly graph: Graph;
  /** Names of the tensors, in the order of computation. */
  readonly names: readonly string[];
}

/** Turns a program into one that checks every tensor that it computes. */
export function probe(
  { g }: LossProgram,
  { graph }: TrainingProgram,
): ProbeProgram {
  const values = graph.nodes.map(({ output }) => output).filter(
    ({ type }) => type === "float" || type === "wide",
  );
  const zeros = values.map((value) => {
    const zero = g.cast(g.subtract(value, value), "wide");
    const axes = value.shape.map((_, axis) => axis);
    return g.reshape(axes.length > 0 ? g.reduceSum(zero, axes) : zero, [1]);
  });
  return {
    graph: g.build({ probe: g.concat(zeros, 0) }),
    names: values.map(({ name }) => name),
  };
}
