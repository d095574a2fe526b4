import assert from "node:assert/strict";
import {
  embedPatches,
  enterTower,
  gridSize,
} from "../../lib/clip/vision_transformer.ts";
import { GraphBuilder } from "../../lib/graph/builder.ts";
import { normaliseImage } from "../methods/mfp_clip/normalise.ts";
import { assertNumbers, numbers } from "../contract/numbers.ts";
import { goldenNamed, rgbOf } from "../methods/mfp_clip/goldens.ts";
import {
  firstOf,
  insideOf,
  RECORDED,
  runModule,
} from "../methods/mfp_clip/modules.ts";

Deno.test("embedPatches() and enterTower() equal the specification", async () => {
  for (const name of RECORDED) {
    const rgb = firstOf(await rgbOf(goldenNamed(name)));
    const image = { numbers: normaliseImage(rgb) };
    const { tokens } = await insideOf(name);
    const y = await runModule(
      name,
      { image },
      (g, of, { clip: { vision } }) =>
        enterTower(g, embedPatches(g, of("image"), vision), vision),
    );
    assertNumbers(y, tokens!, { tolerance: 2e-5, label: name });
  }
});

Deno.test("embedPatches() adds positions, interpolated to another grid", async () => {
  for (const name of RECORDED) {
    const { positions } = await insideOf(name);
    const [patches, width] = positions!.shape as [number, number];
    const { shape } = await rgbOf(goldenNamed(name));
    // Patches of a black image are nothing but positions.
    const black = numbers(
      [1, ...shape.slice(1)],
      Array(shape[2]! ** 2 * 3).fill(0),
    );
    const y = await runModule(
      name,
      { image: { numbers: black } },
      (g, of, { clip: { vision } }) => embedPatches(g, of("image"), vision),
    );
    const expected = numbers([1, patches, width], positions!.data);
    assertNumbers(y, expected, { tolerance: 1e-5, label: name });
  }
});

Deno.test("embedPatches() interpolates nothing where the grid is the trained one", () => {
  const vision = {
    hiddenSize: 4,
    intermediateSize: 8,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    hiddenAct: "quick_gelu",
    layerNormEps: 1e-5,
    imageSize: 28,
    patchSize: 7,
  } as const;
  const products = (side: number) => {
    const g = new GraphBuilder();
    const image = g.input("image", [-1, 3, side, side], "float");
    const { nodes } = g.build({ y: embedPatches(g, image, vision) });
    return nodes.filter(({ primitive }) => primitive === "matMul").length;
  };
  assert.deepEqual([28, 42].map(products), [0, 2]);
  assert.deepEqual([28, 42, 48].map((side) => gridSize(vision, side)), [
    4,
    6,
    6,
  ]);
});
