import assert from "node:assert/strict";
import { Detector } from "../../../lib/detector/detector.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import {
  promptedModel,
  WINCLIP_GOLDENS,
} from "../../golden/prompted_clips/golden.ts";
import { assertExports, assertScoresFiles } from "../prompted_files.ts";

const [ANOMALIB, , CAOYUNKANG] = WINCLIP_GOLDENS;

Deno.test("Detector.score() of WinCLIP equals the specification through files", async () => {
  // The second one's map has another size than its image.
  for (const golden of [ANOMALIB!, CAOYUNKANG!]) {
    await assertScoresFiles(golden, 1);
  }
});

Deno.test("exportModel() writes WinCLIP as Detector computes it", async () => {
  await assertExports(CAOYUNKANG!);
});

Deno.test("openModelDirectory() runs WinCLIP on a plain CLIP at its own size", async () => {
  await using folder = await promptedModel(ANOMALIB!);
  await Deno.remove(`${folder.path}/winclip.json`);
  const model = await openModelDirectory(folder.path, { method: "winclip" });
  const { architecture: { choices, imageSize, mapSize, method } } = model;
  assert.equal(method.title, "WinCLIP");
  assert.deepEqual([imageSize, mapSize, choices.scales], [28, 28, [2, 3]]);
});

Deno.test("openModelDirectory() refuses choices that do not fit the CLIP", async () => {
  await using folder = await promptedModel(ANOMALIB!);
  const path = `${folder.path}/winclip.json`;
  await Deno.writeTextFile(path, JSON.stringify({ image_size: 44 }));
  await assert.rejects(Detector.open(folder.path), {
    message: `Cannot load ${path} as image_size must be a multiple of the ` +
      "patch size 7: current value is 44",
  });
  const choices = { image_size: 28, scales: [2, 5] };
  await Deno.writeTextFile(path, JSON.stringify(choices));
  await assert.rejects(Detector.open(folder.path), {
    message: `Cannot load ${path} as scales must be at most the 4 patches of ` +
      "a side: current value is [2,5]",
  });
});

Deno.test("openModelDirectory() runs another method on a CLIP whose choices have no head", async () => {
  await using folder = await promptedModel(ANOMALIB!);
  await Deno.remove(`${folder.path}/winclip.json`);
  await Deno.writeTextFile(`${folder.path}/mfp_clip.json`, "{}");
  const { architecture } = await openModelDirectory(folder.path, {
    method: "winclip",
  });
  assert.equal(architecture.method.name, "winclip");
  const head = `${folder.path}/mfp_clip.safetensors`;
  await Deno.writeTextFile(head, "trained");
  const options = { method: "winclip" } as const;
  await assert.rejects(openModelDirectory(folder.path, options), {
    message: `Cannot load ${folder.path} as it must be a model of WinCLIP: ` +
      "it holds mfp_clip.json",
  });
});
