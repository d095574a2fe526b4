import assert from "node:assert/strict";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { ModelWriter } from "../../lib/training/model_writer.ts";
import { readParameter } from "../../lib/training/trainable.ts";
import { torchCopy } from "../checkpoint/pytorch_archive.ts";
import { goldenModel, GOLDENS } from "../golden/mfp_clip/golden.ts";
import { rewriteAsOpenai } from "../golden/mfp_clip/openai_copy.ts";

const GOLDEN = GOLDENS.find(({ name }) => name === "gelu")!;

/** Turns a model's CLIP into what a model of open_clip comes as. */
async function rewriteAsOpenClip(folder: string): Promise<void> {
  const source = `${folder}/model.safetensors`;
  await rewriteAsOpenai(source);
  const target = `${folder}/open_clip_pytorch_model.bin`;
  await torchCopy(source, { target });
  await Deno.remove(source);
  await Deno.remove(`${folder}/config.json`);
  const model_cfg = {
    vision_cfg: { width: 32, head_width: 8 },
    text_cfg: { heads: 3 },
  };
  await Deno.writeTextFile(
    `${folder}/open_clip_config.json`,
    JSON.stringify({ model_cfg }),
  );
}

Deno.test("ModelWriter.write() leaves a CLIP that needs no other form", async () => {
  await using source = await goldenModel(GOLDEN);
  const expected = await openModelDirectory(source.path);
  await using folder = await goldenModel(GOLDEN);
  await rewriteAsOpenClip(`${folder.path}/clip`);
  const model = await openModelDirectory(folder.path);
  const out = `${folder.path}/out`;
  await Deno.mkdir(out);
  const writer = new ModelWriter(out, {
    model,
    trainedParts: new Set(["head", "clip"]),
    initial: new Map(),
    longestEndOfText: 9,
  });
  await writer.write(new Map());
  const found = await openModelDirectory(out);
  assert.deepEqual(found.architecture.clip, expected.architecture.clip);
  for (const [name, entry] of found.weights) {
    const values = await readParameter(expected.weights.get(name)!);
    assert.deepEqual(await readParameter(entry), values, name);
  }
  const written = [...Deno.readDirSync(`${out}/clip`)].map(({ name }) => name);
  assert(written.includes("config.json"));
  assert(written.includes("model.safetensors"));
});
