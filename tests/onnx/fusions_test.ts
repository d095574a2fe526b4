import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Graph, Value } from "../../lib/graph/graph.ts";
import {
  attention,
  gelu,
  layerNorm,
  quickGelu,
  softmax,
} from "../../lib/graph/nn.ts";
import { assertNumbers, numbers, scattered } from "../contract/numbers.ts";
import { assertFusedAlike } from "./assert_fused.ts";
import { operatorTypes } from "./read_model.ts";
import { encode, runGraph } from "./run_graph.ts";

/** QuickGELU written by hand, with the value inside it at hand as well. */
function openQuickGelu(g: GraphBuilder, x: Value) {
  const seen: Value[] = [];
  const output = g.composite("quickGelu", [x], {}, () => {
    const gate = g.sigmoid(g.multiply(x, 1.702));
    seen.push(gate);
    return g.multiply(x, gate);
  });
  return { output, gate: seen[0]! };
}

const FEEDS = { x: numbers([2, 3], [-3, -1, -0.25, 0.5, 1, 4]) };

const assertSame = (graph: Graph) => assertFusedAlike(graph, FEEDS);

Deno.test("encodeOnnx() fuses a composite whose inner values stay inside", async () => {
  const g = new GraphBuilder();
  const { output } = openQuickGelu(g, g.input("x", [2, 3], "float"));
  // What the composite computes may be read by many.
  const graph = g.build({ y: output, twice: g.add(output, output) });
  assert.deepEqual(operatorTypes(encode(graph)), [
    "QuickGelu",
    "Add",
    "Identity",
    "Identity",
  ]);
  await assertSame(graph);
});

Deno.test("encodeOnnx() spells a composite out when an inner value is an output", async () => {
  const g = new GraphBuilder();
  const { output, gate } = openQuickGelu(g, g.input("x", [2, 3], "float"));
  const graph = g.build({ y: output, gate });
  const types = operatorTypes(encode(graph));
  assert(types.includes("Sigmoid"));
  assert(!types.includes("QuickGelu"));
  await assertSame(graph);
});

Deno.test("encodeOnnx() spells a composite out when others read an inner value", async () => {
  const g = new GraphBuilder();
  const { output, gate } = openQuickGelu(g, g.input("x", [2, 3], "float"));
  const graph = g.build({ y: g.add(output, g.negate(gate)) });
  const types = operatorTypes(encode(graph));
  assert(types.includes("Sigmoid"));
  assert(!types.includes("QuickGelu"));
  await assertSame(graph);
});

Deno.test("encodeOnnx() spells a composite out when only its inner value is needed", async () => {
  const g = new GraphBuilder();
  const { gate } = openQuickGelu(g, g.input("x", [2, 3], "float"));
  const graph = g.build({ gate });
  assert.equal(graph.composites.length, 0);
  assert(!operatorTypes(encode(graph)).includes("QuickGelu"));
  await assertSame(graph);
});

Deno.test("encodeOnnx() leaves a composite that hands its input on alone", async () => {
  const g = new GraphBuilder();
  const x = g.exp(g.input("x", [2, 3], "float"));
  const y = g.composite("softmax", [x], {}, () => x);
  const graph = g.build({ y });
  assert.deepEqual(operatorTypes(encode(graph)), ["Exp", "Identity"]);
  await assertSame(graph);
});

Deno.test("encodeOnnx() fuses the outer of two composites, or else the inner", () => {
  const g = new GraphBuilder();
  const [q, k, v] = ["q", "k", "v"].map((name) =>
    g.input(name, [1, 3, 4], "float")
  ) as [Value, Value, Value];
  const whole = g.build({ y: attention(g, [q, k, v], { heads: 2 }) });
  assert.deepEqual(operatorTypes(encode(whole)), [
    "MultiHeadAttention",
    "Identity",
  ]);
  const scores = whole.nodes.find(({ primitive }) => primitive === "matMul")!;
  const open = {
    ...whole,
    outputs: new Map([...whole.outputs, ["scores", scores.output]]),
  };
  const types = operatorTypes(encode(open));
  assert(!types.includes("MultiHeadAttention"));
  assert.equal(types.filter((type) => type === "Softmax").length, 1);
});

Deno.test("encodeOnnx() at f64 fuses what has a float64 kernel", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", [1, 2, 4], "float");
  const ones = g.constant([1, 1, 1, 1], [4]);
  const layers = {
    attention: attention(g, [x, x, x], { heads: 2 }),
    quickGelu: quickGelu(g, x),
    softmax: softmax(g, x),
    norm: layerNorm(g, x, { weight: ones, bias: ones, epsilon: 1e-5 }),
  };
  const graph = g.build(layers);
  const types = operatorTypes(encode(graph, { precision: "f64" }));
  for (const type of ["MultiHeadAttention", "QuickGelu"]) {
    assert(!types.includes(type), type);
  }
  // One for itself and one in attention.
  assert.equal(types.filter((type) => type === "Softmax").length, 2);
  assert(types.includes("LayerNormalization"));
  const feeds = { x: numbers([1, 2, 4], scattered(8)) };
  const wide = await runGraph(graph, { feeds, precision: "f64" });
  const narrow = await runGraph(graph, { feeds });
  for (const label of Object.keys(layers)) {
    assertNumbers(narrow[label], wide[label]!, { tolerance: 1e-5, label });
  }
  const phi = g.build({ y: gelu(g, x) });
  assert(!operatorTypes(encode(phi, { precision: "f64" })).includes("Gelu"));
});
