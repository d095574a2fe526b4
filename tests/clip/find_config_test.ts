import assert from "node:assert/strict";
import { openCheckpoint } from "../../lib/checkpoint/open_checkpoint.ts";
import { clipWeights } from "../../lib/clip/weights.ts";
import { findClipConfig } from "../../lib/clip/find_config.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden/pytorch`;

Deno.test("findClipConfig() completes open_clip's tensors with its config", async () => {
  const checkpoint = await openCheckpoint(
    `${GOLDEN}/open_clip_pytorch_model.bin`,
  );
  const config = await findClipConfig(GOLDEN, checkpoint);
  const { vision, text } = config;
  assert.deepEqual(
    [vision.numAttentionHeads, text.numAttentionHeads, vision.hiddenAct],
    [2, 3, "quick_gelu"],
  );
  assert.deepEqual([vision.imageSize, vision.patchSize], [8, 4]);
  assert.equal(clipWeights(checkpoint, config).size, 43);
});

Deno.test("findClipConfig() takes plain GELU where open_clip says nothing", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const checkpoint = await openCheckpoint(
    `${GOLDEN}/open_clip_pytorch_model.bin`,
  );
  const name = "open_clip_config.json";
  const model_cfg = {
    vision_cfg: { width: 16, head_width: 4 },
    text_cfg: { heads: 2 },
  };
  await folder.write(name, JSON.stringify({ model_cfg }));
  const { vision, text } = await findClipConfig(path, checkpoint);
  assert.deepEqual([vision.hiddenAct, text.hiddenAct], ["gelu", "gelu"]);
  assert.deepEqual([vision.numAttentionHeads, text.numAttentionHeads], [4, 2]);
  await folder.write(name, JSON.stringify({ model_cfg: { quick_gelu: 1 } }));
  await assert.rejects(findClipConfig(path, checkpoint), {
    name: "ModelError",
    message: `Cannot load ${path}/${name} as model_cfg.quick_gelu must be ` +
      "true or false: current value is 1",
  });
});

Deno.test("findClipConfig() prefers config.json, and guesses nothing", async () => {
  await using folder = await temporaryFolder();
  const openai = await openCheckpoint(`${GOLDEN}/traced_clip.pt`);
  const found = await findClipConfig(folder.path, openai);
  assert.equal(found.vision.hiddenAct, "quick_gelu");
  const plain = { ...openai, isTorchScript: false };
  await assert.rejects(findClipConfig(folder.path, plain), {
    name: "ModelError",
    message: `Cannot load ${folder.path} as config.json is missing, and ` +
      "neither an open_clip_config.json nor a TorchScript archive of OpenAI " +
      "stands in for it",
  });
  await folder.write("config.json", '{"projection_dim": 5}');
  assert.equal((await findClipConfig(folder.path, openai)).projectionDim, 5);
});
