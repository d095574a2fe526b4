import assert from "node:assert/strict";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { transformerBlock } from "../../lib/clip/transformer.ts";
import { assertNumbers } from "../contract/numbers.ts";
import { insideOf, RECORDED, runModule } from "../methods/mfp_clip/modules.ts";

Deno.test("transformerBlock() equals the specification's vision block", async () => {
  for (const name of RECORDED) {
    const inside = await insideOf(name);
    const y = await runModule(
      name,
      { x: { numbers: inside.block_in! } },
      (g, of, { clip }) =>
        transformerBlock(g, of("x"), {
          name: "vision_model.encoder.layers.2",
          tower: clip.vision,
        }),
    );
    assertNumbers(y, inside.block_out!, { tolerance: 1e-5, label: name });
  }
});

Deno.test("transformerBlock() with causal equals the specification's text block", async () => {
  for (const name of RECORDED) {
    const inside = await insideOf(name);
    const y = await runModule(
      name,
      { x: { numbers: inside.text_block_in! } },
      (g, of, { clip }) =>
        transformerBlock(g, of("x"), {
          name: "text_model.encoder.layers.1",
          tower: clip.text,
          causal: true,
        }),
    );
    assertNumbers(y, inside.text_block_out!, { tolerance: 1e-5, label: name });
  }
});

Deno.test("transformerBlock() adds the layer norms' own epsilon", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [-1, 3, 4], "float");
  const tower = {
    hiddenSize: 4,
    intermediateSize: 8,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    hiddenAct: "gelu",
    layerNormEps: 0.25,
  } as const;
  const y = transformerBlock(g, x, { name: "b", tower });
  assert.deepEqual(y.shape, x.shape);
  const kinds = g.build({ y }).composites.map(({ kind, attributes }) =>
    kind === "layerNorm" ? attributes : kind
  );
  assert.deepEqual(kinds.filter((kind) => typeof kind !== "string"), [
    { epsilon: 0.25 },
    { epsilon: 0.25 },
  ]);
  assert(kinds.includes("gelu"));
  assert(!kinds.includes("quickGelu"));
});
