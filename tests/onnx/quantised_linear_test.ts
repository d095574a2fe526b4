import assert from "node:assert/strict";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { writeSafetensors } from "../../lib/checkpoint/write_safetensors.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { linear } from "../../lib/graph/nn.ts";
import { quantisedGroups } from "../../lib/graph/quantise.ts";
import { quantiseModelGraph } from "../../lib/detector/int8/model_groups.ts";
import {
  openQuantised,
  writeQuantised,
} from "../../lib/detector/int8/quantised_file.ts";
import { numbers, scattered } from "../contract/numbers.ts";
import type { Fused } from "../../lib/onnx/fusions.ts";
import { exactIntegers } from "../../lib/onnx/int8_support.ts";
import type { IntegerType } from "../../lib/onnx/integers.ts";
import { operatorTypes } from "./read_model.ts";
import { encode, runGraph } from "./run_graph.ts";

const WEIGHT = "vision_model.encoder.layers.0.mlp.fc1.weight";
const BIAS = "bias";

/** The integers that this processor takes best. */
const BEST = await exactIntegers() ?? "int8";

/** A layer and one input, some of whose channels are larger than others. */
async function compare(
  width: number,
  outliers: number,
  { fuse = true, type = BEST }: { fuse?: Fused; type?: IntegerType } = {},
): Promise<{ error: number; types: readonly string[] }> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/float.safetensors`;
    await writeSafetensors(path, {
      [WEIGHT]: {
        dtype: "F32",
        shape: [width, width],
        data: Float32Array.from(scattered(width * width, 3)),
      },
      [BIAS]: {
        dtype: "F32",
        shape: [width],
        data: Float32Array.from(scattered(width, 4)),
      },
    });
    const { tensors } = await openSafetensors(path);
    const g = new GraphBuilder();
    const x = g.input("x", [2, 5, width], "float");
    const weight = g.parameter(WEIGHT, [width, width]);
    const bias = g.parameter(BIAS, [width]);
    const graph = g.build({ y: linear(g, x, { weight, bias }) });
    const data = scattered(10 * width, 5).map((v, i) =>
      i % width < outliers ? 60 * v : v
    );
    const largest = new Float32Array(width);
    const meanSquares = new Float32Array(width);
    data.forEach((v, i) => {
      const j = i % width;
      largest[j] = Math.max(largest[j]!, Math.abs(v));
      meanSquares[j]! += v * v / 10;
    });
    const quantisedPath = `${folder}/int8.safetensors`;
    const vectors = Array.from(
      { length: 10 },
      (_, i) => Float32Array.from(data.slice(i * width, (i + 1) * width)),
    );
    const inputs = new Map([[WEIGHT, { largest, meanSquares, vectors }]]);
    const groups = quantisedGroups(graph, () => true);
    const originals = { weights: tensors, type };
    await writeQuantised(quantisedPath, { groups, inputs }, originals);
    const stored = await openQuantised(quantisedPath);
    assert(stored !== undefined);
    const weights = new Map([...tensors, ...stored]);
    const quantised = quantiseModelGraph(graph, stored);
    const feeds = { x: numbers([2, 5, width], data) };
    const { y: exact } = await runGraph(graph, { feeds, weights });
    const { y: found } = await runGraph(quantised, { feeds, weights, fuse });
    const expected = Array.from(exact!.data);
    const most = Math.max(...expected.map(Math.abs));
    const errors = expected.map((v, i) => Math.abs(v - found!.data[i]!));
    const types = operatorTypes(encode(quantised, { weights, fuse }));
    return { error: Math.max(...errors) / most, types };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a quantised layer gives nearly what it gives in float32", async () => {
  const { error, types } = await compare(64, 0);
  assert(error > 0);
  assert(error < 0.01, `${error}`);
  assert(types.includes("MatMulIntegerToFloat"));
  assert(!types.includes("Gemm"));
  assert(types.includes("ReduceMax"), "narrow inputs are quantised by row");
});

Deno.test("a quantised layer keeps its precision beside large channels", async () => {
  const { error } = await compare(64, 2);
  assert(error < 0.02, `${error}`);
});

Deno.test("a wide quantised layer reads its input as a whole", async () => {
  const { error, types } = await compare(832, 3);
  assert(error < 0.03, `${error}`);
  assert(!types.includes("ReduceMax"));
});

Deno.test("a quantised layer gives the same of integers of either kind", async () => {
  for (const fuse of [true, "standard"] as const) {
    const best = await compare(832, 2, { fuse });
    const { error } = await compare(832, 2, { fuse, type: "uint8" });
    assert(Math.abs(error - best.error) < 1e-5);
  }
});

Deno.test("a quantised layer gives the same of standard operators", async () => {
  for (const width of [64, 832]) {
    const fused = await compare(width, 2);
    const { error, types } = await compare(width, 2, { fuse: "standard" });
    assert(types.includes("MatMulInteger"));
    assert(!types.includes("MatMulIntegerToFloat"));
    assert(Math.abs(error - fused.error) < 1e-5);
  }
});
