import assert from "node:assert/strict";
import { colourise } from "../../lib/image/colour_map.ts";
import type { RgbImage } from "../../lib/image/image.ts";
import { overlayMap, thresholdMap } from "../../lib/image/overlay.ts";

const PHOTO = { width: 8, height: 4, data: new Uint8Array(96).fill(100) };

function pixel(image: RgbImage, x: number, y: number): number[] {
  const at = (y * image.width + x) * 3;
  return [...image.data.subarray(at, at + 3)];
}

Deno.test("overlayMap() leaves a photograph as it is where the map is low", () => {
  const overlay = overlayMap(PHOTO, new Float32Array(4), {
    width: 2,
    height: 2,
  });
  assert.deepEqual(overlay, PHOTO);
});

Deno.test("overlayMap() covers hot places with their colour, by the opacity", () => {
  const hot = Float32Array.of(1);
  const size = { width: 1, height: 1 };
  const full = overlayMap(PHOTO, hot, { ...size, opacity: 1 });
  const colour = [...colourise(hot, size).data];
  assert.deepEqual(pixel(full, 3, 2), colour);
  const half = overlayMap(PHOTO, hot, { ...size, opacity: 0.5 });
  const expected = colour.map((value) => Math.round((value + 100) / 2));
  assert.deepEqual(pixel(half, 3, 2), expected);
});

Deno.test("overlayMap() draws outlines, and not on the photograph itself", () => {
  const before = PHOTO.data.slice();
  const overlay = overlayMap(PHOTO, new Float32Array(1), {
    width: 1,
    height: 1,
    outlines: [[[2, 2], [6, 2], [6, 3]]],
  });
  assert.deepEqual(pixel(overlay, 4, 2), [255, 32, 32]);
  assert.deepEqual(PHOTO.data, before);
});

Deno.test("overlayMap() keeps to the image where outlines leave it", () => {
  const overlay = overlayMap(PHOTO, new Float32Array(1), {
    width: 1,
    height: 1,
    outlines: [[[-3, -3], [20, 9]]],
  });
  assert.equal(overlay.data.length, PHOTO.data.length);
});

Deno.test("thresholdMap() interpolates between the values of a map", () => {
  const map = Float32Array.of(0, 4);
  const mask = thresholdMap(map, { width: 2, height: 1 }, {
    width: 8,
    height: 2,
    threshold: 2,
  });
  // Centres at -0.375, -0.125, 0.125, 0.375, 0.625 ... of the way: 2 is reached
  // from the fifth on.
  const row = [0, 0, 0, 0, 1, 1, 1, 1];
  assert.deepEqual([...mask.data], [...row, ...row]);
});
