import assert from "node:assert/strict";
import { readWeight } from "../../../lib/checkpoint/safetensors.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import type { TemporaryFolder } from "../../golden/mfp_clip/golden.ts";
import {
  APRIL_GAN_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";

const GOLDENS = `${import.meta.dirname}/../../golden`;
const [PUBLISHED] = APRIL_GAN_GOLDENS as [PromptedGolden];

/** A model directory whose head is an archive of PyTorch. */
async function withArchive(archive: string): Promise<TemporaryFolder> {
  const folder = await promptedModel(PUBLISHED);
  await Deno.remove(`${folder.path}/april_gan.safetensors`);
  await Deno.copyFile(`${GOLDENS}/${archive}`, `${folder.path}/april_gan.pth`);
  return folder;
}

Deno.test("openModelDirectory() reads APRIL-GAN's published head bit for bit", async () => {
  await using own = await promptedModel(PUBLISHED);
  await using folder = await withArchive("april_gan/published_head.pth");
  const expected = await openModelDirectory(own.path);
  const found = await openModelDirectory(folder.path);
  assert.deepEqual([...found.weights.keys()], [...expected.weights.keys()]);
  for (const name of found.architecture.headShapes.keys()) {
    assert.deepEqual(
      await readWeight(found.weights.get(name)!),
      await readWeight(expected.weights.get(name)!),
      name,
    );
  }
});

Deno.test("openModelDirectory() prefers a head that was trained here", async () => {
  await using folder = await promptedModel(PUBLISHED);
  const hostile = `${GOLDENS}/pytorch/malicious/system.pt`;
  await Deno.copyFile(hostile, `${folder.path}/april_gan.pth`);
  const { weights } = await openModelDirectory(folder.path);
  const { file } = weights.get("fc.0.weight")!;
  assert(file.endsWith("april_gan.safetensors"));
});

Deno.test("openModelDirectory() refuses a hostile or a foreign head by name", async () => {
  const cases: [string, RegExp][] = [
    ["pytorch/malicious/system.pt", /april_gan\.pth as .*system/],
    ["pytorch/malicious/eval.pt", /april_gan\.pth as .*eval/],
    [
      "pytorch/state_dict.pt",
      /april_gan\.pth as 8 tensors are missing .*foreign/,
    ],
  ];
  for (const [archive, message] of cases) {
    await using folder = await withArchive(archive);
    await assert.rejects(openModelDirectory(folder.path), {
      name: "ModelError",
      message,
    });
  }
});
