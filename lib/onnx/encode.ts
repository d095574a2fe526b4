/**
 * Graph -> ONNX bytes.
 *
 * @module
 */
import type { Graph, NodeOf } from "../graph/graph.ts";
import type { Primitive } from "../graph/primitives.ts";
import { groupUnits } from "../graph/units.ts";
import { Emitter, type EmitterOptions } from "./emitter.ts";
import { ENCODINGS } from "./encodings.ts";
import { canFuse, encodeComposite, type Fused, isStandard } from "./fusions.ts";
import { besideSharers, withoutUnread } from "./order_nodes.ts";
import { type TensorInfo, writeModel } from "./model_proto.ts";

/** Options of {@linkcode encodeOnnx}. */
export interface EncodeOptions extends EmitterOptions {
  /**
   * Which composites become single operators.
   *
   * @default {true}
   */
  readonly fuse?: Fused;
  /**
   * Whether operators that read one stored tensor stand together, for a session
   * that packs matrices: see {@linkcode besideSharers}.
   *
   * @default {false}
   */
  readonly sharersTogether?: boolean;
  /** What the model says about itself. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Adds operators that compute the graph's inputs from others, and returns
   * those: what the model is fed instead.
   */
  readonly prelude?: (emit: Emitter) => readonly TensorInfo[];
  /**
   * Adds operators that read the graph's outputs, each under its name, and
   * returns what the model gives in their place.
   */
  readonly finish?: (emit: Emitter) => readonly TensorInfo[];
}

/**
 * Writes a graph as an ONNX model. Parameters stay in their checkpoint files:
 * the model holds file names and byte ranges only.
 *
 * @param options Precision, and where parameters lie.
 * @returns The bytes of a ModelProto.
 */
export function encodeOnnx(
  graph: Graph,
  options: EncodeOptions,
): Uint8Array<ArrayBuffer> {
  const emit = new Emitter(options);
  const fed = options.prelude?.(emit) ?? inputsOf(graph, emit);
  encodeUnits(graph, emit, options.fuse ?? true);
  const outputs = [...graph.outputs].map(([name, value]) => {
    emit.node("Identity", [value.name], { output: name });
    return emit.info(name, value);
  });
  const given = options.finish?.(emit) ?? outputs;
  const { metadata = {} } = options;
  const names = given.map(({ name }) => name);
  const { nodes, initializers } = withoutUnread(emit, names);
  const ordered = options.sharersTogether
    ? besideSharers(nodes, initializers)
    : nodes;
  const model = { nodes: ordered, initializers, inputs: fed, outputs: given };
  return writeModel({ ...model, metadata });
}

function inputsOf({ nodes }: Graph, emit: Emitter): TensorInfo[] {
  return nodes.filter(({ primitive, output }) =>
    primitive === "input" || emit.isFed(output)
  ).map(({ output }) => emit.info(output.name, output));
}

/** Writes only what is read. The constants of a fused operator, for example, are
 * not. */
export function encodeUnits(
  graph: Graph,
  emit: Emitter,
  fuse: Fused,
): void {
  const outputs = new Set(graph.outputs.values());
  const units = groupUnits(graph, {
    outputs,
    accept: (composite) =>
      fuse !== false && (fuse === true || isStandard(composite)) &&
      canFuse(composite, emit.precision),
  });
  const read = new Set(
    units.flatMap((unit) => (unit.composite ?? unit.node).inputs),
  ).union(outputs);
  for (const { composite, node } of units) {
    emit.place = (composite ?? node).output.name;
    if (composite !== undefined) encodeComposite(composite, emit, fuse);
    else if (read.has(node.output)) encodeNode(node, emit);
  }
}

function encodeNode<P extends Primitive>(node: NodeOf<P>, emit: Emitter): void {
  ENCODINGS[node.primitive](node, emit);
}
