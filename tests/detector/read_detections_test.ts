import assert from "node:assert/strict";
import { readDetections } from "../../lib/detector/read_detections.ts";
import type { Tensor } from "../../lib/onnx/tensor.ts";

function tensor(shape: readonly number[], data: number[]): Tensor {
  return { type: "float32", shape, data: Float32Array.from(data) };
}

const MAPS = {
  map: tensor([2, 1, 1], [0.25, 0.75]),
  logit_map: tensor([2, 1, 1], [-1, 1]),
};

const BATCH = { count: 2, milliseconds: 8 };

Deno.test("readDetections() shares out maps, scores and time", () => {
  const outputs = {
    ...MAPS,
    score: tensor([2], [0.5, 0.875]),
    score_logit: tensor([2], [0, 2]),
  };
  const model = { mapSize: 1, finish: null };
  assert.deepEqual(readDetections(model, outputs, BATCH), [
    {
      anomalyMap: Float32Array.of(0.25),
      logitMap: Float32Array.of(-1),
      imageScore: 0.5,
      scoreLogit: 0,
      milliseconds: 4,
    },
    {
      anomalyMap: Float32Array.of(0.75),
      logitMap: Float32Array.of(1),
      imageScore: 0.875,
      scoreLogit: 2,
      milliseconds: 4,
    },
  ]);
});

Deno.test("readDetections() takes scores that the method computes itself", () => {
  const outputs = { ...MAPS, features: tensor([2, 2], [1, 2, 3, 4]) };
  const model = {
    mapSize: 1,
    finish: (given: Readonly<Record<string, Float32Array>>, batch: number) => ({
      score: given.features!.subarray(0, batch),
      score_logit: given.features!.subarray(batch),
    }),
  };
  const found = readDetections(model, outputs, BATCH);
  assert.deepEqual(found.map(({ imageScore }) => imageScore), [1, 2]);
  assert.deepEqual(found.map(({ scoreLogit }) => scoreLogit), [3, 4]);
});
