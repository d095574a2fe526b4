import assert from "node:assert/strict";
import {
  DEFAULT_CONFIG,
  mfpClipConfigToJson,
  parseMfpClipConfig,
  readMfpClipConfig,
} from "../../../lib/methods/mfp_clip/config.ts";
import { GOLDENS } from "../../golden/mfp_clip/golden.ts";

const MODELS = `${import.meta.dirname}/../../golden/mfp_clip/models`;

Deno.test("parseMfpClipConfig() gives defaults for absent keys, ignores others", () => {
  const config = parseMfpClipConfig({ epochs: 5, logit_scale: null }, "m.json");
  assert.deepEqual(config, DEFAULT_CONFIG);
});

Deno.test("parseMfpClipConfig() reads every field", () => {
  const json = {
    image_size: 112,
    taps: [1, 2],
    i2tp: false,
    i2tp_fusion: "token",
    sp: false,
    sp_prompts: 2,
    sp_stages: 2,
    sp_after: "drop",
    mpfa: 1,
    mp: false,
    supervise: "refined",
    dice: "abnormal",
    logit_scale: 14.3,
    leaky_slope: 0,
    longest_end_of_text: 9,
  };
  const config = parseMfpClipConfig(json, "m.json");
  assert.deepEqual(config, {
    imageSize: 112,
    taps: [1, 2],
    i2tp: false,
    i2tpFusion: "token",
    sp: false,
    spPrompts: 2,
    spStages: 2,
    spAfter: "drop",
    mpfa: 1,
    mp: false,
    supervise: "refined",
    dice: "abnormal",
    logitScale: 14.3,
    leakySlope: 0,
    longestEndOfText: 9,
  });
  assert.deepEqual(mfpClipConfigToJson(config), json);
});

Deno.test("readMfpClipConfig() reads what the specification wrote", async () => {
  for (const { name, side } of GOLDENS) {
    const path = `${MODELS}/${name}/mfp_clip.json`;
    const config = await readMfpClipConfig(path);
    assert.equal(config.imageSize, side, name);
    const written = JSON.parse(await Deno.readTextFile(path));
    const { longest_end_of_text, ...json } = mfpClipConfigToJson(config);
    assert.deepEqual(json, written);
    assert.equal(longest_end_of_text, null);
  }
});

Deno.test("parseMfpClipConfig() reports every problem in one sentence", () => {
  const json = {
    taps: [6, 6],
    i2tp_fusion: "concat",
    sp_prompts: 0,
    sp_stages: 5,
    mpfa: 4,
    mp: "yes",
    logit_scale: "100",
  };
  assert.throws(() => parseMfpClipConfig(json, "m.json"), {
    name: "ModelError",
    message: "Cannot load m.json as " + [
      "taps must be a list of rising integers of at least 1: " +
      "current value is [6,6]",
      'i2tp_fusion must be "feature" or "token": current value is "concat"',
      "sp_prompts must be an integer of at least 1: current value is 0",
      'mp must be true or false: current value is "yes"',
      "logit_scale must be a number of at least 0: " +
      'current value is "100"',
      "mpfa must be odd: current value is 4",
      "sp_stages must be at most the 4 taps: current value is 5",
    ].join(", "),
  });
});
