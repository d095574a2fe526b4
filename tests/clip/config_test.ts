import assert from "node:assert/strict";
import {
  clipConfigToJson,
  parseClipConfig,
  readClipConfig,
} from "../../lib/clip/config.ts";

const CONFIGS = `${import.meta.dirname}/../golden/clip/configs.json`;

/** `maxPositionEmbeddings` -> `max_position_embeddings`. */
function snakeCase(object: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

Deno.test("parseClipConfig() completes a configuration as transformers does", async () => {
  const cases = JSON.parse(await Deno.readTextFile(CONFIGS));
  assert(cases.length >= 3);
  for (const { config, complete } of cases) {
    const { vision, text, projectionDim } = parseClipConfig(config, "c.json");
    assert.deepEqual({
      vision: snakeCase(vision),
      text: snakeCase(text),
      projection_dim: projectionDim,
    }, complete);
  }
});

Deno.test("parseClipConfig() reports every problem in one sentence", () => {
  const config = {
    vision_config: {
      hidden_act: "relu",
      num_channels: 1,
      patch_size: 0,
      num_attention_heads: 7,
    },
    text_config: { vocab_size: "many", layer_norm_eps: -1 },
    projection_dim: 2.5,
  };
  assert.throws(() => parseClipConfig(config, "c.json"), {
    name: "ModelError",
    message: "Cannot load c.json as " + [
      "vision_config.num_channels must be 3: current value is 1",
      "vision_config.patch_size must be an integer of at least 1: " +
      "current value is 0",
      'vision_config.hidden_act must be "quick_gelu" or "gelu": ' +
      'current value is "relu"',
      "vision_config.hidden_size must be a multiple of the 7 attention heads:" +
      " current value is 768",
      "text_config.layer_norm_eps must be a number of at least 0: " +
      "current value is -1",
      "text_config.vocab_size must be an integer of at least 3: " +
      'current value is "many"',
      "projection_dim must be an integer of at least 1: current value is 2.5",
    ].join(", "),
  });
});

Deno.test("parseClipConfig() refuses patches larger than the image", () => {
  const config = { vision_config: { image_size: 24, patch_size: 32 } };
  assert.throws(() => parseClipConfig(config, "c.json"), {
    message: "Cannot load c.json as vision_config.patch_size must be at most " +
      "image_size: current value is 32",
  });
});

Deno.test("readClipConfig() reads a file that transformers wrote", async () => {
  const { vision, text, projectionDim } = await readClipConfig(
    `${import.meta.dirname}/../golden/mfp_clip/backbones/gelu/clip/config.json`,
  );
  assert.deepEqual([vision.hiddenSize, vision.numAttentionHeads], [32, 4]);
  assert.deepEqual([text.hiddenAct, text.maxPositionEmbeddings], ["gelu", 24]);
  assert.equal(projectionDim, 20);
});

Deno.test("clipConfigToJson() writes what parseClipConfig() reads", async () => {
  const config = await readClipConfig(
    `${import.meta.dirname}/../golden/mfp_clip/backbones/gelu/clip/config.json`,
  );
  const eps = { ...config.text, layerNormEps: 1e-6 };
  for (const one of [config, { ...config, text: eps }]) {
    assert.deepEqual(parseClipConfig(clipConfigToJson(one), "c.json"), one);
  }
});
