import assert from "node:assert/strict";
import {
  DEFAULT_CONFIG,
  parseAnomalyClipConfig,
} from "../../../lib/methods/anomaly_clip/config.ts";
import { configToJson } from "../../../lib/methods/config_json.ts";

Deno.test("parseAnomalyClipConfig() gives defaults for absent keys, ignores others", () => {
  assert.deepEqual(parseAnomalyClipConfig({ k: 5 }, "a.json"), DEFAULT_CONFIG);
});

Deno.test("parseAnomalyClipConfig() reads every field", () => {
  const json = {
    image_size: 252,
    taps: [3, 1],
    vv_from: 2,
    context: 6,
    deep: 0,
    depth: 3,
    noun: "part",
    half_prompts: false,
    temperature: 0.5,
    class_norm: true,
    combine: "mean",
    position: "bicubic",
    activation: "gelu",
    local_weight: 1.5,
  };
  const config = parseAnomalyClipConfig(json, "a.json");
  assert.deepEqual(configToJson(config), json);
});

Deno.test("parseAnomalyClipConfig() reports all problems at once", () => {
  const json = { taps: [], noun: " ", context: 2, deep: 3, temperature: 0 };
  assert.throws(() => parseAnomalyClipConfig(json, "a.json"), {
    message: "Cannot load a.json as taps must be a list of integers of at " +
      "least 1: current value is [], noun must be a text that is not empty: " +
      'current value is " ", deep must be at most context, which is 2: ' +
      "current value is 3, temperature must be above 0: current value is 0",
  });
});
