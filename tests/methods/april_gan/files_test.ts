import assert from "node:assert/strict";
import { Detector } from "../../../lib/detector/detector.ts";
import {
  APRIL_GAN_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";
import { assertExports, assertScoresFiles } from "../prompted_files.ts";
import { divisorOf } from "./divisor.ts";

const [PUBLISHED, , MEAN] = APRIL_GAN_GOLDENS as [
  PromptedGolden,
  PromptedGolden,
  PromptedGolden,
];

Deno.test("Detector.score() of APRIL-GAN equals the specification through files", async () => {
  for (const golden of [PUBLISHED, MEAN]) {
    await assertScoresFiles(golden, divisorOf(golden));
  }
});

Deno.test("exportModel() writes APRIL-GAN as Detector computes it", async () => {
  await assertExports(PUBLISHED);
});

Deno.test("openModelDirectory() refuses blocks that the CLIP does not have", async () => {
  await using folder = await promptedModel(PUBLISHED);
  const path = `${folder.path}/april_gan.json`;
  const choices = { image_size: 42, taps: [1, 5], memory_taps: [6] };
  await Deno.writeTextFile(path, JSON.stringify(choices));
  await assert.rejects(Detector.open(folder.path), {
    message: `Cannot load ${path} as taps must be at most the 4 vision ` +
      "layers: current value is [1,5], memory_taps must be at most the 4 " +
      "vision layers: current value is [6]",
  });
});

Deno.test("openModelDirectory() refuses a head that does not fit", async () => {
  await using folder = await promptedModel(PUBLISHED);
  const path = `${folder.path}/april_gan.json`;
  const choices = { image_size: 42, taps: [1], memory_taps: [1] };
  await Deno.writeTextFile(path, JSON.stringify(choices));
  await assert.rejects(Detector.open(folder.path), /6 tensors are foreign/);
});
