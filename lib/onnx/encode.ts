/**
 * Graph -> ONNX bytes.
 *
 * @module
 */
import type { Graph, NodeOf, Value } from "../graph/graph.ts";
import type { Primitive } from "../graph/primitives.ts";
import { Emitter, type EmitterOptions } from "./emitter.ts";
import { ENCODINGS } from "./encodings.ts";
import { encodeComposite, planFusions } from "./fusions.ts";
import { type TensorInfo, writeModel } from "./model_proto.ts";

/** Options of {@linkcode encodeOnnx}. */
export interface EncodeOptions extends EmitterOptions {
  /**
   * Whether composites become onnxruntime's fused operators.
   *
   * @default {true}
   */
  readonly fuse?: boolean;
  /**
   * Adds operators that compute the graph's inputs from others, and returns
   * those: what the model is fed instead.
   */
  readonly prelude?: (emit: Emitter) => readonly TensorInfo[];
}

/**
 * Writes a graph as an ONNX model. Parameters stay in their checkpoint files:
 * the model holds file names and byte ranges only.
 *
 * @param graph The program.
 * @param options Precision, and where parameters lie.
 * @returns The bytes of a ModelProto.
 */
export function encodeOnnx(
  graph: Graph,
  options: EncodeOptions,
): Uint8Array<ArrayBuffer> {
  const emit = new Emitter(options);
  const plan = options.fuse ?? true
    ? planFusions(graph, options.precision)
    : undefined;
  const fed = options.prelude?.(emit);
  for (const node of graph.nodes) {
    const composite = plan?.at.get(node);
    if (composite !== undefined) encodeComposite(composite, emit);
    else if (!plan?.covered.has(node)) encodeNode(node, emit);
  }
  const info = (name: string, { shape, type }: Value): TensorInfo => ({
    name,
    shape,
    type: emit.dataType(type),
  });
  const outputs = [...graph.outputs].map(([name, value]) => {
    emit.node("Identity", [value.name], { output: name });
    return info(name, value);
  });
  return writeModel({
    nodes: emit.nodes,
    initializers: emit.initializers,
    inputs: fed ?? graph.inputs.map((value) => info(value.name, value)),
    outputs,
  });
}

function encodeNode<P extends Primitive>(node: NodeOf<P>, emit: Emitter): void {
  ENCODINGS[node.primitive](node, emit);
}
