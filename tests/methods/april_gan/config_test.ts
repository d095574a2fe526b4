import assert from "node:assert/strict";
import {
  DEFAULT_CONFIG,
  parseAprilGanConfig,
} from "../../../lib/methods/april_gan/config.ts";
import { configToJson } from "../../../lib/methods/config_json.ts";

Deno.test("parseAprilGanConfig() gives defaults for absent keys, ignores others", () => {
  assert.deepEqual(parseAprilGanConfig({ k: 5 }, "a.json"), DEFAULT_CONFIG);
});

Deno.test("parseAprilGanConfig() reads every field", () => {
  const json = {
    image_size: 252,
    taps: [3, 1],
    memory_taps: [2],
    activation: "checkpoint",
    logit_scale: null,
    align_corners: false,
    reduce: "mean",
    pos_antialias: false,
  };
  const config = parseAprilGanConfig(json, "a.json");
  assert.deepEqual(configToJson(config), json);
});

Deno.test("parseAprilGanConfig() reports all problems at once", () => {
  const json = { taps: [0], activation: "relu", reduce: "max" };
  assert.throws(() => parseAprilGanConfig(json, "a.json"), {
    message: "Cannot load a.json as taps must be a list of integers of at " +
      'least 1: current value is [0], activation must be "gelu" or ' +
      '"checkpoint": current value is "relu", reduce must be "sum" or ' +
      '"mean": current value is "max"',
  });
});
