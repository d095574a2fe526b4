/**
 * Which operators a model has, and in which order.
 *
 * @module
 */
import type { Initializer, OnnxGraph, OperatorNode } from "./model_proto.ts";

/**
 * Puts operators that read one stored tensor next to each other.
 *
 * onnxruntime packs matrices in the order of a file's operators, and lets go of
 * a matrix when all of its readers have packed it. Two passes in their own
 * order would keep every matrix until the second pass: 3.0 GB instead of 2.1 GB
 * of ViT-L/14 in float32. It computes in an order of its own. The ONNX standard
 * wants operators after what they read, so this is for sessions, not for files
 * that others read.
 */
export function besideSharers(
  nodes: readonly OperatorNode[],
  initializers: readonly Initializer[],
): OperatorNode[] {
  const stored = new Set(
    initializers.filter(({ data }) => !(data instanceof Uint8Array))
      .map(({ name }) => name),
  );
  const places = new Map<string, number>();
  const placed = nodes.map((node, i) => {
    const name = node.inputs.find((input) => stored.has(input));
    if (name === undefined) return { node, place: i };
    const place = places.get(name) ?? i;
    places.set(name, place);
    return { node, place };
  });
  return placed.toSorted((a, b) => a.place - b.place).map(({ node }) => node);
}

/** What an operator reads, the operators of its loop included. */
function readBy({ inputs, attributes = {} }: OperatorNode): string[] {
  const inner = Object.values(attributes).flatMap((attribute) =>
    typeof attribute === "object" && "graph" in attribute
      ? attribute.graph.nodes.flatMap(readBy)
      : []
  );
  return [...inputs, ...inner];
}

/**
 * Leaves out operators whose results nobody reads, and stored tensors that only
 * those read.
 *
 * @param parts Operators in order of computation, and stored tensors.
 * @param outputs Names of what is read at the end.
 */
export function withoutUnread(
  { nodes, initializers }: Pick<OnnxGraph, "nodes" | "initializers">,
  outputs: readonly string[],
): { nodes: OperatorNode[]; initializers: Initializer[] } {
  const read = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => read.has(name))) return false;
    for (const name of readBy(node)) read.add(name);
    return true;
  });
  return {
    nodes: kept.reverse(),
    initializers: initializers.filter(({ name }) => read.has(name)),
  };
}
