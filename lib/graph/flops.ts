/**
 * Counting the work of a tensor program.
 *
 * @module
 */
import type { Graph, Node } from "./graph.ts";
import { elementCount } from "./shape.ts";

/**
 * Floating-point operations of the matrix products and convolutions of a
 * graph, two for each multiply-add; everything else is left out.
 *
 * @param batch Size of its free dimension.
 */
export function countFlops(graph: Graph, batch: number): number {
  return graph.nodes.reduce((sum, node) => {
    const count = elementCount(node.output.shape);
    const elements = count < 0 ? -count * batch : count;
    return sum + 2 * elements * termsPerElement(node);
  }, 0);
}

/** Multiply-adds that one element of a node's output takes. */
function termsPerElement(node: Node): number {
  if (node.primitive === "matMul") {
    const { transposeA } = node.attributes;
    return node.inputs[0]!.shape.at(transposeA ? -2 : -1)!;
  }
  if (node.primitive !== "conv2d") return 0;
  return elementCount(node.inputs[1]!.shape.slice(1));
}
