/**
 * Runs graphs for tests of good images, in the test's own thread.
 *
 * @module
 */
import type { Graph } from "../../lib/graph/graph.ts";
import type { Arrays, GraphRunner } from "../../lib/references/learn_memory.ts";
import { runGraph } from "../onnx/run_graph.ts";

/** Opens a graph without weights. */
export function openGraph(graph: Graph): Promise<GraphRunner> {
  return Promise.resolve({
    async run(feeds) {
      const numbers = graph.inputs.map(({ name, shape }) =>
        [name, { shape: [...shape], data: [...feeds[name]!] }] as const
      );
      const outputs = await runGraph(graph, {
        feeds: Object.fromEntries(numbers),
      });
      return Object.fromEntries(
        Object.entries(outputs).map((
          [name, { data }],
        ) => [name, Float32Array.from(data)]),
      );
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** Runs a graph once. */
export async function runOnce(graph: Graph, feeds: Arrays): Promise<Arrays> {
  await using runner = await openGraph(graph);
  return await runner.run(feeds);
}
