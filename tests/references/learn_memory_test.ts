import assert from "node:assert/strict";
import {
  type GoodImage,
  learnMemory,
} from "../../lib/references/learn_memory.ts";
import { jointGraph } from "../../lib/references/joint_map.ts";
import { MOST_IMAGES } from "../../lib/references/memory.ts";
import { scattered } from "../contract/numbers.ts";
import { openGraph, runOnce } from "./graph_opener.ts";

/** Tokens of an image that are random, or the same everywhere. */
function image(
  k: number,
  { grid, isFlat = false }: { grid: number; isFlat?: boolean },
): GoodImage {
  const tap = (seed: number) =>
    Float32Array.from(
      scattered(grid * grid * 2, 1 + k * 2 + seed),
      (x) => isFlat ? 0.5 : x,
    );
  return {
    key: `${k}.png`,
    sha256: "0".repeat(64),
    tiles: [{
      taps: { tap_0: tap(0), tap_1: tap(1) },
      logits: new Float32Array(grid * grid).fill(-4),
    }],
  };
}

Deno.test("learnMemory() refuses no images and too many", async () => {
  const sizes = { grid: 2, width: 2, taps: 2 };
  const images = Array<GoodImage>(MOST_IMAGES + 1).fill(image(0, sizes));
  for (const bad of [[], images]) {
    await assert.rejects(learnMemory(bad, { sizes, open: openGraph }), {
      name: "RangeError",
      message: `Cannot learn good images as there must be 1 to 1000: ` +
        `current value is ${bad.length}`,
    });
  }
});

Deno.test("learnMemory() and jointGraph() give finite maps where all is the same", async () => {
  const sizes = { grid: 6, width: 2, taps: 2 };
  const flat = [0, 1].map((k) => image(k, { ...sizes, isFlat: true }));
  for (const images of [flat, flat.slice(1)]) {
    const { memory } = await learnMemory(images, { sizes, open: openGraph });
    const graph = jointGraph(memory, { side: 12, smooth: 0 });
    for (const seen of [flat[0]!, image(9, sizes)]) {
      const { taps, logits } = seen.tiles[0]!;
      const found = await runOnce(graph, { ...taps, patch_logit: logits });
      for (const name of ["map", "logit_map", "score", "score_logit"]) {
        assert(found[name]!.every(Number.isFinite), name);
      }
      assert(found.score![0]! > 0.99 === (seen !== flat[0]));
    }
  }
});
