import assert from "node:assert/strict";
import {
  DEFAULT_CONFIG,
  parseAdaClipConfig,
} from "../../../lib/methods/ada_clip/config.ts";
import { adaClipSentences } from "../../../lib/methods/ada_clip/sentences.ts";
import { configToJson } from "../../../lib/methods/config_json.ts";

Deno.test("parseAdaClipConfig() has the published choices where keys are absent", () => {
  assert.deepEqual(parseAdaClipConfig({ backbone: ".." }, "a"), DEFAULT_CONFIG);
});

Deno.test("parseAdaClipConfig() reads what configToJson() writes", () => {
  const config = {
    ...DEFAULT_CONFIG,
    taps: [3, 1],
    branch: "V" as const,
    kind: "D" as const,
    activation: null,
    perCluster: 7,
    halfPrompts: false,
  };
  assert.deepEqual(parseAdaClipConfig(configToJson(config), "a"), config);
});

Deno.test("parseAdaClipConfig() says all that is wrong at once", () => {
  const json = {
    branch: "",
    kind: "X",
    start: "two",
    activation: "relu",
    seed: 2 ** 32,
    taps: [2, 2],
    dice: "pixel",
  };
  assert.throws(() => parseAdaClipConfig(json, "a.json"), {
    name: "ModelError",
    message: "Cannot load a.json as " + [
      'kind must be "" or "S" or "D" or "SD": current value is "X"',
      'activation must be "gelu" or "quick_gelu": current value is "relu"',
      'start must be "kmeans++" or "farthest" or "one": current value is "two"',
      'dice must be "row" or "image": current value is "pixel"',
      'kind must be "" where branch is "": current value is "SD"',
      "seed must be at most 4294967295: current value is 4294967296",
      "taps must be a list without repetitions: current value is [2,2]",
    ].join(", "),
  });
});

Deno.test("adaClipSentences() reads a dash as a space and keeps the rest", () => {
  const { normal, abnormal } = adaClipSentences("metal_nut-$&");
  assert.deepEqual([normal.length, abnormal.length], [28, 20]);
  assert.equal(normal[0], "a bad photo of a metal_nut $&.");
  assert.equal(
    abnormal[19],
    "a cropped photo of the metal_nut $& with damage.",
  );
});
