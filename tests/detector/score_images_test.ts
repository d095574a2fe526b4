import assert from "node:assert/strict";
import { scoreImage, scoreImages } from "../../lib/detector/score_images.ts";
import type { DetectorInput } from "../../lib/methods/detection.ts";

const SIDE = 2;

/** A network whose score is the first byte; 255 makes it NaN. */
const NETWORK = {
  side: SIDE,
  sessions: 1,
  prepare: ({ data }: { data: Uint8Array }, category: string) => ({
    pixels: data,
    category,
  }),
  async detect(inputs: readonly DetectorInput[]) {
    return await Promise.all(inputs.map(({ pixels: [first] }) => {
      const score = first === 255 ? NaN : first! / 255;
      const map = new Float32Array(SIDE ** 2).fill(score);
      return {
        anomalyMap: map,
        logitMap: map,
        imageScore: score,
        scoreLogit: score,
        milliseconds: 1,
      };
    }));
  },
};

function image(value: number) {
  const data = new Uint8Array(SIDE * SIDE * 3).fill(value);
  return { width: SIDE, height: SIDE, data };
}

const NAN = {
  name: "ModelError",
  message: "Cannot score the image as the model's map holds NaN",
};

Deno.test("scoreImage() refuses a map that holds NaN", async () => {
  const options = { category: "cup" };
  const found = await scoreImage(NETWORK, image(51), options);
  assert.equal(found.score, 0.2);
  await assert.rejects(scoreImage(NETWORK, image(255), options), NAN);
});

Deno.test("scoreImages() reports a map that holds NaN as any other error", async () => {
  const [good, bad] = [image(51), image(255)];
  const errors: unknown[] = [];
  const found = await Array.fromAsync(scoreImages(NETWORK, [good, bad, good], {
    category: "cup",
    batchSize: 2,
    onError: (error, source) => errors.push([(error as Error).message, source]),
  }));
  assert.deepEqual(found.map(({ source }) => source), [good, good]);
  assert.deepEqual(errors, [[NAN.message, bad]]);
  const strict = scoreImages(NETWORK, [good, bad], { category: "cup" });
  await assert.rejects(Array.fromAsync(strict), NAN);
});

Deno.test("scoreImages() refuses a batch size that is no positive integer", async () => {
  for (const batchSize of [0, -1, 1.5, NaN]) {
    const options = { category: "cup", batchSize };
    const found = scoreImages(NETWORK, [image(1)], options);
    await assert.rejects(found.next(), {
      name: "RangeError",
      message: "Cannot score images as the batch size must be a positive " +
        `integer: current value is ${batchSize}`,
    });
  }
});

Deno.test("scoreImages() reads no more images than the next batches need", async () => {
  let read = 0;
  function* images() {
    for (; read < 100; read++) yield image(1);
  }
  const options = { category: "cup", batchSize: 2 };
  for await (const _ of scoreImages(NETWORK, images(), options)) break;
  // Two batches of two are detected, and one more batch is read ahead.
  assert.ok(read <= 7, `${read} images were read`);
});
