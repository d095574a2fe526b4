import assert from "node:assert/strict";
import {
  calibrationImage,
  profileProduct,
  withThreshold,
} from "../../lib/references/product_profile.ts";

/** Good images with scores 0, 0.1, 0.2 ..., whose maps lie below. */
function goodImages(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const map = Float32Array.from({ length: 2000 }, (_, at) => -at / 1000);
    map[0] = i / 10;
    return calibrationImage(i / 10, map);
  });
}

const IN_FIVE = { target: { false_alarms: 0.2 } };

Deno.test("profileProduct() sets the threshold for a rate of false alarms", () => {
  const found = profileProduct(goodImages(20), IN_FIVE);
  const { threshold, false_alarms: { count, of }, images_needed } = found;
  // The 4.2th largest of 20.
  assert.ok(Math.abs(threshold - 1.58) < 1e-9, `${threshold}`);
  assert.deepEqual([count, of, images_needed], [4, 20, null]);
});

Deno.test("profileProduct() says how many images a rate takes", () => {
  const target = { false_alarms: 0.01 };
  const found = profileProduct(goodImages(20), { target });
  assert.equal(found.images_needed, 99);
  assert.ok(found.threshold > 1.9, `${found.threshold}`);
  assert.equal(found.false_alarms.count, 0);
});

Deno.test("profileProduct() sets the threshold for a recall", () => {
  const bad = [3, 4, 5, 6].map((score) =>
    calibrationImage(score, new Float32Array(4))
  );
  const target = { recall: 0.8 };
  const found = profileProduct(goodImages(20), { target, bad });
  assert.ok(Math.abs(found.threshold - 3) < 1e-6, `${found.threshold}`);
  assert.ok(found.threshold <= 3);
  assert.equal(found.recall!.rate, 1);
  assert.equal(found.images_needed, null);
});

Deno.test("profileProduct() centres colours on the pixel threshold", () => {
  const found = profileProduct(goodImages(20), IN_FIVE);
  const { pixel_threshold: pixel, heat_range: [low, high] } = found;
  assert.ok(pixel < found.threshold && pixel > -0.1, `${pixel}`);
  assert.ok(Math.abs((low + high) / 2 - pixel) < 1e-9);
  assert.ok(low < -0.9 && low > -1.1, `${low}`);
});

Deno.test("profileProduct() refuses too few images", () => {
  assert.throws(() => profileProduct(goodImages(3), IN_FIVE), {
    name: "RangeError",
    message: "Cannot calibrate as there must be at least 4 good images: " +
      "current value is 3",
  });
  const target = { recall: 0.9 };
  assert.throws(() => profileProduct(goodImages(9), { target }), RangeError);
});

Deno.test("withThreshold() counts the good images that a chosen threshold calls defective", () => {
  const found = profileProduct(goodImages(20), IN_FIVE);
  const { false_alarms, pixel_threshold, threshold } = withThreshold(found, 1);
  assert.deepEqual([false_alarms.count, false_alarms.of], [10, 20]);
  assert.equal(threshold, 1);
  assert.equal(pixel_threshold, Math.min(found.pixel_threshold, 1));
  const lower = withThreshold(found, -5);
  assert.deepEqual([lower.pixel_threshold, lower.threshold], [-5, -5]);
  assert.equal(lower.false_alarms.rate, 1);
});
