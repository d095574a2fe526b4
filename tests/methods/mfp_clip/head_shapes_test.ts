import assert from "node:assert/strict";
import { DEFAULT_CONFIG } from "../../../lib/methods/mfp_clip/config.ts";
import { headShapes } from "../../../lib/methods/mfp_clip/head_shapes.ts";

const SIZES = {
  contextLength: 77,
  cnnWidth: 2048,
  visionWidth: 1024,
  textWidth: 768,
  jointWidth: 512,
};

Deno.test("headShapes() gives weights as [out, in] for the defaults", () => {
  const shapes = headShapes(DEFAULT_CONFIG, SIZES);
  assert.equal(shapes.size, 4 + 2 * 5 + 1 + 4 * 4 + 2);
  assert.deepEqual(shapes.get("i2tp.image_projection.weight"), [768, 2048]);
  assert.deepEqual(shapes.get("i2tp.mixing.weight"), [768, 1536]);
  assert.deepEqual(shapes.get("sp.projections.4.weight"), [1024, 2048]);
  assert.deepEqual(shapes.get("sp.prompt_tokens"), [5, 1024]);
  assert.deepEqual(shapes.get("adapters.3.fc1.weight"), [512, 1024]);
  assert.deepEqual(shapes.get("adapters.3.fc2.weight"), [512, 512]);
  assert.deepEqual(shapes.get("mp.fusion.weight"), [1024, 2048]);
  assert.deepEqual(shapes.get("mp.fusion.bias"), [1024]);
});

Deno.test("headShapes() mixes over the tokens in token fusion", () => {
  const config = { ...DEFAULT_CONFIG, i2tpFusion: "token" } as const;
  const shapes = headShapes(config, SIZES);
  assert.deepEqual(shapes.get("i2tp.mixing.weight"), [77, 78]);
  assert.deepEqual(shapes.get("i2tp.mixing.bias"), [77]);
});

Deno.test("headShapes() leaves out modules that are off", () => {
  const config = {
    ...DEFAULT_CONFIG,
    i2tp: false,
    sp: false,
    mp: false,
    taps: [12],
  };
  assert.deepEqual([...headShapes(config, SIZES).keys()], [
    "adapters.0.fc1.weight",
    "adapters.0.fc1.bias",
    "adapters.0.fc2.weight",
    "adapters.0.fc2.bias",
  ]);
});
