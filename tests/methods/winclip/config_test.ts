import assert from "node:assert/strict";
import { configToJson } from "../../../lib/methods/config_json.ts";
import {
  DEFAULT_CONFIG,
  parseWinClipConfig,
} from "../../../lib/methods/winclip/config.ts";

Deno.test("parseWinClipConfig() gives defaults for absent keys, ignores others", () => {
  assert.deepEqual(parseWinClipConfig({ k: 5 }, "w.json"), DEFAULT_CONFIG);
});

Deno.test("parseWinClipConfig() reads null as the checkpoint's own scale", () => {
  const { logitScale } = parseWinClipConfig({ logit_scale: null }, "w.json");
  assert.equal(logitScale, null);
});

Deno.test("parseWinClipConfig() reads every field", () => {
  const json = {
    image_size: 480,
    scales: [3, 2],
    prompts: "caoyunkang",
    sentence_norm: true,
    logit_scale: 100,
    language: "normality",
    image_level: false,
    patches: "none",
    association: "mean",
    fusion: "harmonic",
    score: "map",
    map_size: 400,
  };
  const config = parseWinClipConfig(json, "w.json");
  assert.deepEqual(configToJson(config), json);
});

Deno.test("parseWinClipConfig() reports all problems at once", () => {
  const json = { scales: [], prompts: "own", logit_scale: -1, map_size: 0 };
  assert.throws(() => parseWinClipConfig(json, "w.json"), {
    message: "Cannot load w.json as scales must be a list of integers of at " +
      'least 1: current value is [], prompts must be "anomalib" or ' +
      '"caoyunkang": current value is "own", logit_scale must be a number of ' +
      "at least 0: current value is -1, map_size must be an integer of at " +
      "least 1: current value is 0",
  });
});
