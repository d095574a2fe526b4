import assert from "node:assert/strict";
import { Detector } from "../../../lib/detector/detector.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import {
  ADA_CLIP_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";
import { assertExports, assertScoresFiles } from "../prompted_files.ts";

const [PUBLISHED, TEXT, VISION] = ADA_CLIP_GOLDENS as [
  PromptedGolden,
  PromptedGolden,
  PromptedGolden,
];

Deno.test("Detector.score() of AdaCLIP equals the specification through files", async () => {
  for (const golden of [PUBLISHED, TEXT, VISION]) {
    await assertScoresFiles(golden, 1, { smooth: 0 });
  }
});

Deno.test("exportModel() writes AdaCLIP as Detector computes it, with fusion and without", async () => {
  // What is fused is summed in another order, and its maps magnify that.
  for (const golden of ADA_CLIP_GOLDENS) await assertExports(golden, 1e-3);
});

Deno.test("openModelDirectory() refuses choices of AdaCLIP that CLIP does not fit", async () => {
  await using folder = await promptedModel(PUBLISHED);
  const path = `${folder.path}/ada_clip.json`;
  const choices = { image_size: 40, taps: [1, 5], length: 77 };
  await Deno.writeTextFile(path, JSON.stringify(choices));
  await assert.rejects(Detector.open(folder.path), {
    message: `Cannot load ${path} as image_size must be a multiple of the ` +
      "patch size 7: current value is 40, taps must be at most the 4 vision " +
      "layers: current value is [1,5], length must be below the 77 tokens of " +
      "a sentence: current value is 77",
  });
});

Deno.test("openModelDirectory() smooths AdaCLIP's maps as published", async () => {
  await using folder = await promptedModel(PUBLISHED);
  const { architecture } = await openModelDirectory(folder.path);
  assert.equal(architecture.smooth, 4);
});
