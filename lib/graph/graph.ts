/**
 * Tensor programs: values, the nodes that compute them, and printing.
 *
 * @module
 */
import type { Attributes, ElementType, Primitive } from "./primitives.ts";
import { formatShape, type Shape } from "./shape.ts";

/** A tensor that some node computes. */
export interface Value {
  /** Unique in its graph; a parameter has its checkpoint name. */
  readonly name: string;
  /** Its shape; see `shape.ts` for the free dimension. */
  readonly shape: Shape;
  /** Its element type. */
  readonly type: ElementType;
}

/** One application of primitive `P`. */
export interface NodeOf<P extends Primitive> {
  /** Which primitive. */
  readonly primitive: P;
  /** Its operands, in order. */
  readonly inputs: readonly Value[];
  /** Its attributes, beyond the operands. */
  readonly attributes: Attributes[P];
  /** What it computes. */
  readonly output: Value;
}

/** One application of some primitive. */
export type Node<P extends Primitive = Primitive> = {
  [K in P]: NodeOf<K>;
}[P];

/** Functions made of primitives that an engine may have as one operator. */
export interface CompositeAttributes {
  /** x W^T + b; inputs x [..., in], W [out, in], b [out]. */
  linear: Record<never, never>;
  /**
   * A linear layer whose matrix is stored as 8-bit integers too; inputs x and b.
   * x is multiplied by the smoothing, where there is one, and quantised: as a
   * whole, or each row on its own.
   */
  quantisedLinear: {
    weight: string;
    smoothing: string | null;
    byRow: boolean;
  };
  /** exp(x) / sum exp(x) along the last axis. */
  softmax: Record<never, never>;
  /** Normalisation over the last axis; inputs x, weight, bias. */
  layerNorm: { epsilon: number };
  /** x sigmoid(1.702 x). */
  quickGelu: Record<never, never>;
  /** x Phi(x), Phi the normal distribution function. */
  gelu: Record<never, never>;
  /** Multi-head attention without a mask; inputs q, k, v [N, L, D]. */
  attention: { heads: number };
  /** Inference batch norm; inputs x, weight, bias, mean, variance. */
  batchNorm: { epsilon: number };
  /** Any part of a model: the backward pass may compute its inside again. */
  segment: Record<never, never>;
}

/** Name of a composite. */
export type CompositeKind = keyof CompositeAttributes;

/** One application of composite `K`: the nodes that it stands for. */
export interface CompositeOf<K extends CompositeKind> {
  /** Which function. */
  readonly kind: K;
  /** Its operands, in order. */
  readonly inputs: readonly Value[];
  /** Its attributes, beyond the operands. */
  readonly attributes: CompositeAttributes[K];
  /** What it computes. */
  readonly output: Value;
  /** The nodes that compute it from its inputs; leaves are not among them. */
  readonly nodes: ReadonlySet<Node>;
}

/** One application of some composite. */
export type Composite<K extends CompositeKind = CompositeKind> = {
  [P in K]: CompositeOf<P>;
}[K];

/** Whether a node reads nothing: an input, a parameter or a constant. */
export function isLeaf({ primitive }: Node): boolean {
  return primitive === "input" || primitive === "parameter" ||
    primitive === "constant";
}

/** A tensor program in order of computation. */
export interface Graph {
  /** Every node, each after those it reads. */
  readonly nodes: readonly Node[];
  /** The inputs of a run, in order. */
  readonly inputs: readonly Value[];
  /** What a run returns, by name. */
  readonly outputs: ReadonlyMap<string, Value>;
  /** Composites whose nodes are all in the graph, outer before inner. */
  readonly composites: readonly Composite[];
}

/**
 * Prints a graph, one line per node.
 *
 * @example Usage
 * ```ts
 * import { GraphBuilder } from "./builder.ts";
 * import { printGraph } from "./graph.ts";
 *
 * const g = new GraphBuilder();
 * const x = g.input("x", [2, 3], "float");
 * printGraph(g.build({ y: g.exp(x) }));
 * // x: float[2, 3] = input
 * // /exp: float[2, 3] = exp x
 * // return y = /exp
 * ```
 */
export function printGraph(graph: Graph): string {
  const lines = graph.nodes.map((node) => {
    const { name, type, shape } = node.output;
    const operands = node.inputs.map((input) => ` ${input.name}`).join("");
    return `${name}: ${type}${formatShape(shape)} = ${node.primitive}` +
      `${printAttributes(node)}${operands}`;
  });
  for (const [name, value] of graph.outputs) {
    lines.push(`return ${name} = ${value.name}`);
  }
  return lines.join("\n");
}

function printAttributes(node: Node): string {
  if (isLeaf(node)) return "";
  const entries = Object.entries(node.attributes).map(([key, value]) =>
    `${key}=${Array.isArray(value) ? formatShape(value) : value}`
  );
  return entries.length === 0 ? "" : `{${entries.join(", ")}}`;
}
