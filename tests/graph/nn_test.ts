import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Graph, Value } from "../../lib/graph/graph.ts";
import {
  attention,
  batchNorm,
  gelu,
  l2Normalize,
  layerNorm,
  linear,
  quickGelu,
  softmax,
} from "../../lib/graph/nn.ts";
import { assertNumbers } from "../contract/numbers.ts";
import { operatorTypes } from "../onnx/read_model.ts";
import { encode, runGraph } from "../onnx/run_graph.ts";
import { type GoldenCase, goldenInputs, readGoldens } from "./goldens.ts";

type Named = (name: string) => Value;
type Attributes = Readonly<Record<string, unknown>>;

interface Layer {
  readonly build: (g: GraphBuilder, of: Named, attributes: Attributes) => Value;
  /** The operator that stands for it; none where it is no composite. */
  readonly fused: string | undefined;
}

function isCausal({ causal }: Attributes): boolean {
  return causal === true;
}

/** torch.nn.MultiheadAttention: projections, attention, projection. */
function multiHeadAttention(
  g: GraphBuilder,
  of: Named,
  attributes: Attributes,
): Value {
  const project = (x: Value, name: string) =>
    linear(g, x, { weight: of(`w${name}`), bias: of(`b${name}`) });
  const [q, k, v] = ["q", "k", "v"].map((name) => project(of("x"), name));
  const mixed = attention(g, [q!, k!, v!], {
    heads: Number(attributes.heads),
    causal: isCausal(attributes),
  });
  return project(mixed, "o");
}

const LAYERS: Record<string, Layer> = {
  linear: {
    build: (g, of) =>
      linear(g, of("x"), { weight: of("weight"), bias: of("bias") }),
    fused: "Gemm",
  },
  softmax: { build: (g, of) => softmax(g, of("x")), fused: "Softmax" },
  layerNorm: {
    build: (g, of, { epsilon }) =>
      layerNorm(g, of("x"), {
        weight: of("weight"),
        bias: of("bias"),
        epsilon: Number(epsilon),
      }),
    fused: "LayerNormalization",
  },
  quickGelu: { build: (g, of) => quickGelu(g, of("x")), fused: "QuickGelu" },
  gelu: { build: (g, of) => gelu(g, of("x")), fused: "Gelu" },
  attention: {
    build: (g, of, attributes) =>
      attention(g, [of("q"), of("k"), of("v")], {
        heads: Number(attributes.heads),
        causal: isCausal(attributes),
      }),
    fused: "MultiHeadAttention",
  },
  multiHeadAttention: {
    build: multiHeadAttention,
    fused: "MultiHeadAttention",
  },
  l2Normalize: { build: (g, of) => l2Normalize(g, of("x")), fused: undefined },
  batchNorm: {
    build: (g, of) =>
      batchNorm(g, of("x"), {
        weight: of("weight"),
        bias: of("bias"),
        mean: of("mean"),
        variance: of("variance"),
      }),
    fused: "BatchNormalization",
  },
};

const GOLDENS = await readGoldens<Record<string, GoldenCase[]>>("nn.json");

function graphOf(layer: Layer, golden: GoldenCase): Graph {
  const g = new GraphBuilder();
  const of = goldenInputs(g, golden);
  return g.build({ y: layer.build(g, of, golden.attributes) });
}

for (const [name, layer] of Object.entries(LAYERS)) {
  Deno.test(`${name}() equals PyTorch's, fused or not`, async () => {
    for (const golden of GOLDENS[name]!) {
      const graph = graphOf(layer, golden);
      const { inputs: feeds, expected, attributes } = golden;
      const label = JSON.stringify(attributes);
      const [fused, plain] = await Promise.all(
        [true, false].map((fuse) => runGraph(graph, { feeds, fuse })),
      );
      assertNumbers(fused?.y, expected, { tolerance: 1e-5, label });
      assertNumbers(plain?.y, expected, { tolerance: 1e-5, label });
      assertNumbers(fused?.y, plain!.y!, { tolerance: 1e-5, label });
    }
  });
}

Deno.test("composites become one operator where they are fused", () => {
  for (const [name, { fused, ...layer }] of Object.entries(LAYERS)) {
    if (fused === undefined) continue;
    const golden = GOLDENS[name]!.find(({ attributes }) =>
      !isCausal(attributes)
    );
    const graph = graphOf({ fused, ...layer }, golden!);
    const types = operatorTypes(encode(graph, { fuse: true }));
    assert.equal(types.filter((type) => type === fused).length, 1, name);
    const plain = operatorTypes(encode(graph, { fuse: false }));
    assert(plain.length > types.length, name);
    // Gemm also says a plain product with a transposed matrix.
    assert(fused === "Gemm" || !plain.includes(fused), name);
  }
});

Deno.test("composites at f64 equal PyTorch's to 1e-9", async () => {
  // The CPU provider has no float64 kernel of Erf.
  const names = Object.keys(LAYERS).filter((name) => name !== "gelu");
  for (const name of names) {
    for (const golden of GOLDENS[name]!) {
      const graph = graphOf(LAYERS[name]!, golden);
      const { inputs: feeds, expected } = golden;
      const { y } = await runGraph(graph, { feeds, precision: "f64" });
      assertNumbers(y, expected, { tolerance: 1e-9, label: name });
    }
  }
});

Deno.test("composites at f16 equal PyTorch's to 1e-2", async () => {
  for (const [name, layer] of Object.entries(LAYERS)) {
    for (const golden of GOLDENS[name]!) {
      const graph = graphOf(layer, golden);
      const { inputs: feeds, expected } = golden;
      const { y } = await runGraph(graph, { feeds, precision: "f16" });
      assertNumbers(y, expected, { tolerance: 1e-2, label: name });
    }
  }
});

Deno.test("attention() with causal does not look ahead", async () => {
  const golden = GOLDENS.attention!.find(({ attributes }) =>
    isCausal(attributes)
  )!;
  const graph = graphOf(LAYERS.attention!, golden);
  const { inputs } = golden;
  const [length, width] = inputs.q!.shape.slice(1) as [number, number];
  // Other numbers at the last position of each sequence.
  const changed = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [name, {
      shape,
      data: Array.from(
        data,
        (x, i) => Math.floor(i / width) % length === length - 1 ? 3 - x : x,
      ),
    }]),
  );
  const [before, after] = await Promise.all(
    [inputs, changed].map(async (feeds) =>
      Array.from((await runGraph(graph, { feeds })).y!.data)
    ),
  );
  const kept = (length - 1) * width;
  assert.deepEqual(after!.slice(0, kept), before!.slice(0, kept));
  assert.notDeepEqual(after!.slice(kept), before!.slice(kept));
});

Deno.test("l2Normalize() leaves zeros where a vector is zero", async () => {
  const g = new GraphBuilder();
  const graph = g.build({ y: l2Normalize(g, g.input("x", [2, 2], "float")) });
  const feeds = { x: { shape: [2, 2], data: [0, 0, -3, 4] } };
  const { y } = await runGraph(graph, { feeds });
  const expected = { shape: [2, 2], data: [0, 0, -0.6, 0.8] };
  assertNumbers(y, expected, { tolerance: 1e-6 });
});

Deno.test("l2Normalize() at f16 takes lengths that float16 cannot hold", async () => {
  const g = new GraphBuilder();
  const graph = g.build({ y: l2Normalize(g, g.input("x", [1, 2], "float")) });
  const feeds = { x: { shape: [1, 2], data: [-30000, 40000] } };
  const { y } = await runGraph(graph, { feeds, precision: "f16" });
  const expected = { shape: [1, 2], data: [-0.6, 0.8] };
  assertNumbers(y, expected, { tolerance: 1e-3 });
});
