/**
 * Splits a program into composites, where they are allowed, and single nodes.
 *
 * @module
 */
import type { Composite, Graph, Node, Value } from "./graph.ts";

/** A composite or a node: something with operands and one result. */
export type Unit =
  | { readonly composite: Composite; readonly node?: never }
  | { readonly node: Node; readonly composite?: never };

/**
 * Groups the nodes of a program: the outermost composites that `accept` admits
 * and whose inner values nothing else reads become one unit, placed where their
 * result is computed; other nodes are units of their own.
 *
 * @param program Nodes in order of computation, and composites, outer before inner.
 * @param options What else is read from outside, and which composites may be
 * one unit.
 */
export function groupUnits(
  { nodes, composites }: Pick<Graph, "nodes" | "composites">,
  { outputs, accept = () => true }: {
    outputs: ReadonlySet<Value>;
    accept?: (composite: Composite) => boolean;
  },
): Unit[] {
  const readers = readersOf(nodes);
  const producer = new Map(nodes.map((node) => [node.output, node]));
  const at = new Map<Node, Composite>();
  const covered = new Set<Node>();
  for (const composite of composites) {
    const last = producer.get(composite.output);
    if (last === undefined || !composite.nodes.has(last)) continue;
    if (covered.has(last) || !accept(composite)) continue;
    const isPrivate = ({ output }: Node) =>
      !outputs.has(output) &&
      (readers.get(output) ?? []).every((node) => composite.nodes.has(node));
    const inner = [...composite.nodes].filter((node) => node !== last);
    if (!inner.every(isPrivate)) continue;
    at.set(last, composite);
    for (const node of composite.nodes) covered.add(node);
  }
  return nodes.flatMap((node): Unit[] => {
    const composite = at.get(node);
    if (composite !== undefined) return [{ composite }];
    return covered.has(node) ? [] : [{ node }];
  });
}

function readersOf(nodes: readonly Node[]): Map<Value, Node[]> {
  const readers = new Map<Value, Node[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const earlier = readers.get(input);
      if (earlier === undefined) readers.set(input, [node]);
      else earlier.push(node);
    }
  }
  return readers;
}
