import { deepEqual } from "node:assert/strict";
import type { VisionConfig } from "../../lib/clip/config.ts";
import { sizeProblems } from "../../lib/methods/check_sizes.ts";

const VISION: VisionConfig = {
  hiddenSize: 96,
  intermediateSize: 384,
  numHiddenLayers: 4,
  numAttentionHeads: 3,
  hiddenAct: "quick_gelu",
  layerNormEps: 1e-5,
  imageSize: 112,
  patchSize: 8,
};

Deno.test("sizeProblems() bounds the number of patches", () => {
  deepEqual(sizeProblems(VISION, { imageSize: 1024 }), []);
  deepEqual(sizeProblems(VISION, { imageSize: 1e9 }), [
    "image_size must be at most 1024, 128 patches: current value is 1000000000",
  ]);
});
