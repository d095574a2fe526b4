/**
 * Composites that onnxruntime runs as one operator.
 *
 * @module
 */
import type {
  Composite,
  CompositeKind,
  CompositeOf,
  Graph,
  Node,
  Value,
} from "../graph/graph.ts";
import type { Emitter, Precision } from "./emitter.ts";
import { emitGemm } from "./encodings.ts";
import type { Attribute } from "./model_proto.ts";

/** How a composite is said as one operator. */
interface Fusion<K extends CompositeKind> {
  /** Whether onnxruntime has a kernel for it in float64 as well. */
  readonly float64: boolean;
  readonly encode: (composite: CompositeOf<K>, emit: Emitter) => void;
}

const FUSIONS: { [K in CompositeKind]: Fusion<K> } = {
  linear: {
    float64: true,
    encode: ({ inputs, output }, emit) => emitGemm(emit, inputs, output),
  },
  softmax: {
    float64: true,
    encode: (composite, emit) =>
      encodeAs(composite, emit, { type: "Softmax", attributes: { axis: -1 } }),
  },
  layerNorm: {
    float64: true,
    encode: (composite, emit) => {
      const epsilon = { float: composite.attributes.epsilon };
      const attributes = { axis: -1, epsilon };
      encodeAs(composite, emit, { type: "LayerNormalization", attributes });
    },
  },
  quickGelu: {
    float64: false,
    encode: (composite, emit) => {
      const attributes = { alpha: { float: 1.702 } };
      encodeAs(composite, emit, {
        type: "QuickGelu",
        domain: "com.microsoft",
        attributes,
      });
    },
  },
  gelu: {
    float64: false,
    encode: (composite, emit) => encodeAs(composite, emit, { type: "Gelu" }),
  },
  attention: {
    float64: false,
    encode: (composite, emit) => {
      const attributes = { num_heads: composite.attributes.heads };
      encodeAs(composite, emit, {
        type: "MultiHeadAttention",
        domain: "com.microsoft",
        attributes,
      });
    },
  },
  batchNorm: {
    float64: true,
    encode: (composite, emit) => {
      const epsilon = { float: composite.attributes.epsilon };
      encodeAs(composite, emit, {
        type: "BatchNormalization",
        attributes: { epsilon },
      });
    },
  },
};

function encodeAs(
  { inputs, output }: Composite,
  emit: Emitter,
  { type, ...options }: {
    type: string;
    domain?: string;
    attributes?: Record<string, Attribute>;
  },
): void {
  const names = inputs.map((input) => input.name);
  emit.node(type, names, { output: output.name, ...options });
}

/** Writes a composite as one operator. */
export function encodeComposite<K extends CompositeKind>(
  composite: CompositeOf<K>,
  emit: Emitter,
): void {
  FUSIONS[composite.kind].encode(composite, emit);
}

/** The composites of a graph that one operator may stand for. */
export interface FusionPlan {
  /** Last node of a composite -> the composite. */
  readonly at: ReadonlyMap<Node, Composite>;
  /** Nodes that need no encoding of their own. */
  readonly covered: ReadonlySet<Node>;
}

/**
 * Chooses the outermost composites whose inner values nothing else reads.
 *
 * A backward graph reads inner values; there such composites stay spelt out.
 */
export function planFusions(graph: Graph, precision: Precision): FusionPlan {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs.values());
  const at = new Map<Node, Composite>();
  const covered = new Set<Node>();
  for (const composite of graph.composites) {
    if (precision === "f64" && !FUSIONS[composite.kind].float64) continue;
    const { nodes, output } = composite;
    const isPrivate = (value: Value) =>
      !outputs.has(value) &&
      (readers.get(value) ?? []).every((reader) => nodes.has(reader));
    const last = [...nodes].find((node) => node.output === output);
    const inner = [...nodes].filter((node) => node !== last);
    if (last === undefined || covered.has(last)) continue;
    if (!inner.every((node) => isPrivate(node.output))) continue;
    at.set(last, composite);
    for (const node of nodes) covered.add(node);
  }
  return { at, covered };
}

function readersOf(graph: Graph): Map<Value, Node[]> {
  const readers = new Map<Value, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const known = readers.get(input);
      if (known === undefined) readers.set(input, [node]);
      else known.push(node);
    }
  }
  return readers;
}
