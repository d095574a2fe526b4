import assert from "node:assert/strict";
import type { Graph } from "../../lib/graph/graph.ts";
import { assertNumbers, type NamedNumbers } from "../contract/numbers.ts";
import { runGraph } from "./run_graph.ts";

/** Asserts that a graph computes the same with single operators and without. */
export async function assertFusedAlike(
  graph: Graph,
  feeds: NamedNumbers,
): Promise<void> {
  const fused = await runGraph(graph, { feeds });
  const plain = await runGraph(graph, { feeds, fuse: false });
  assert.deepEqual(Object.keys(fused), [...graph.outputs.keys()]);
  for (const [label, expected] of Object.entries(plain)) {
    assertNumbers(fused[label], expected, { tolerance: 1e-5, label });
  }
}
