import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import { linear } from "../../lib/graph/nn.ts";
import {
  quantisedGroups,
  quantiseGraph,
  storedNames,
} from "../../lib/graph/quantise.ts";

function layer(g: GraphBuilder, x: Value, name: string): Value {
  const weight = g.parameter(`${name}.weight`, [4, 4]);
  const bias = g.parameter(`${name}.bias`, [4]);
  return linear(g, x, { weight, bias });
}

/** Two passes: `q` and `k` read one value, `v` that of the second pass only. */
function twoPasses() {
  const g = new GraphBuilder();
  const x = g.input("x", [-1, 3, 4], "float");
  const first = g.add(layer(g, x, "q"), layer(g, x, "k"));
  const second = g.exp(layer(g, first, "text"));
  const last = g.add(layer(g, second, "q"), layer(g, second, "v"));
  return { graph: g.build({ y: last }), x, second };
}

Deno.test("quantisedGroups() joins layers that read one value or share a matrix", () => {
  const { graph, x, second } = twoPasses();
  const groups = quantisedGroups(graph, (name) => name !== "text.weight");
  assert.deepEqual([...groups.keys()].sort(), [
    "k.weight",
    "q.weight",
    "v.weight",
  ]);
  const [group, ...others] = new Set(groups.values());
  assert.deepEqual(others, []);
  assert.deepEqual(new Set(group!.inputs), new Set([x, second]));
});

Deno.test("storedNames() names integers in the place of matrices", () => {
  const { graph } = twoPasses();
  const groups = quantisedGroups(graph, (name) => name !== "text.weight");
  const quantised = quantiseGraph(graph, groups, {
    isSmoothed: () => true,
    isByRow: () => false,
  });
  const names = storedNames(quantised);
  for (const name of ["text.weight", "q.weight.int8", "v.bias"]) {
    assert(names.has(name), name);
  }
  assert(!names.has("q.weight"));
  assert([...names].some((name) => name.endsWith(".smoothing")));
  assert(!storedNames(graph).has("q.weight.int8"));
});
