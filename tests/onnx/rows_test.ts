import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import { layerNorm, linear, quickGelu } from "../../lib/graph/nn.ts";
import { BATCH } from "../../lib/graph/shape.ts";
import { numbers, scattered } from "../contract/numbers.ts";
import { assertFusedAlike } from "./assert_fused.ts";
import { operatorTypes } from "./read_model.ts";
import { encode } from "./run_graph.ts";

const FEEDS = { x: numbers([2, 2, 3], scattered(12, 1)) };

function layer(g: GraphBuilder, x: Value, seed: number): Value {
  const weight = g.constant(Float64Array.from(scattered(9, seed)), [3, 3]);
  const bias = g.constant(Float64Array.from(scattered(3, seed + 1)), [3]);
  return linear(g, x, { weight, bias });
}

Deno.test("encodeOnnx() reshapes nothing between linear layers", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 2, 3], "float");
  const hidden = g.leakyRelu(quickGelu(g, layer(g, x, 2)), 0.01);
  const graph = g.build({ y: layer(g, hidden, 4) });
  assert.deepEqual(operatorTypes(encode(graph)), [
    "Reshape",
    "Gemm",
    "QuickGelu",
    "LeakyRelu",
    "Gemm",
    "Reshape",
    "Identity",
  ]);
  await assertFusedAlike(graph, FEEDS);
});

Deno.test("encodeOnnx() adds and normalises rows as they are", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 2, 3], "float");
  const sum = g.add(x, layer(g, x, 2));
  const weight = g.constant(Float64Array.from(scattered(3, 6)), [3]);
  const unit = layerNorm(g, sum, { weight, bias: weight, epsilon: 1e-5 });
  const y = g.add(sum, layer(g, unit, 4));
  const graph = g.build({ y, first: g.slice(sum, 1, 0, 1) });
  const types = operatorTypes(encode(graph));
  // One of x, and one of each of what is read as it was.
  assert.equal(types.filter((type) => type === "Reshape").length, 3);
  await assertFusedAlike(graph, FEEDS);
});

Deno.test("encodeOnnx() adds what is not of one shape as it is", async () => {
  const g = new GraphBuilder();
  const x = g.input("x", [BATCH, 2, 3], "float");
  const matrix = g.constant(Float64Array.from(scattered(6, 7)), [2, 3]);
  const graph = g.build({ y: g.add(layer(g, x, 2), matrix) });
  assert.deepEqual(operatorTypes(encode(graph)), [
    "Reshape",
    "Gemm",
    "Reshape",
    "Add",
    "Identity",
  ]);
  await assertFusedAlike(graph, FEEDS);
});

Deno.test("encodeOnnx() reshapes what several layers read once", async () => {
  const g = new GraphBuilder();
  const x = g.exp(g.input("x", [BATCH, 2, 3], "float"));
  const graph = g.build({ a: layer(g, x, 2), b: layer(g, x, 4) });
  const types = operatorTypes(encode(graph));
  assert.equal(types.filter((type) => type === "Reshape").length, 3);
  await assertFusedAlike(graph, FEEDS);
});
