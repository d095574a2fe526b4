import assert from "node:assert/strict";
import { readWeight } from "../../../lib/checkpoint/safetensors.ts";
import { openModelDirectory } from "../../../lib/methods/model_directory.ts";
import type { TemporaryFolder } from "../../golden/mfp_clip/golden.ts";
import {
  ADA_CLIP_GOLDENS,
  type PromptedGolden,
  promptedModel,
} from "../../golden/prompted_clips/golden.ts";

const GOLDENS = `${import.meta.dirname}/../../golden`;
const [PUBLISHED] = ADA_CLIP_GOLDENS as [PromptedGolden];

/** A model directory whose head is an archive of PyTorch. */
async function withArchive(archive: string): Promise<TemporaryFolder> {
  const folder = await promptedModel(PUBLISHED);
  await Deno.remove(`${folder.path}/ada_clip.safetensors`);
  await Deno.copyFile(`${GOLDENS}/${archive}`, `${folder.path}/ada_clip.pth`);
  return folder;
}

Deno.test("openModelDirectory() reads AdaCLIP's published head bit for bit", async () => {
  await using own = await promptedModel(PUBLISHED);
  await using folder = await withArchive("ada_clip/published_head.pth");
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

Deno.test("openModelDirectory() refuses a head of AdaCLIP with other prompts", async () => {
  await using folder = await withArchive("ada_clip/published_head.pth");
  const path = `${folder.path}/ada_clip.json`;
  const { branch: _, ...choices } = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...choices, branch: "V" }));
  await assert.rejects(openModelDirectory(folder.path), {
    name: "ModelError",
    message: /ada_clip\.pth as 7 tensors are foreign \(.*text\.static\.1/,
  });
});

Deno.test("openModelDirectory() refuses a hostile or a foreign head of AdaCLIP by name", async () => {
  const cases: [string, RegExp][] = [
    ["pytorch/malicious/system.pt", /ada_clip\.pth as .*system/],
    ["pytorch/malicious/eval.pt", /ada_clip\.pth as .*eval/],
    [
      "pytorch/state_dict.pt",
      /ada_clip\.pth as 25 tensors are missing .*foreign/,
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
