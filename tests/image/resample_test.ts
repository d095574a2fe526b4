import assert from "node:assert/strict";
import { resizeBicubic } from "../../lib/image/resample.ts";
import { largestDifference, readExpectations, readGoldens } from "./goldens.ts";

Deno.test("resizeBicubic() gives the bytes that Pillow gives", async (t) => {
  const bytes = readExpectations();
  for (const golden of readGoldens().resize) {
    const { width, height, at, toWidth, toHeight, toAt } = golden;
    await t.step(`${width}x${height} to ${toWidth}x${toHeight}`, () => {
      const data = bytes.slice(at, at + width * height * 3);
      const resized = resizeBicubic({ width, height, data }, toWidth, toHeight);
      assert.deepEqual([resized.width, resized.height], [toWidth, toHeight]);
      const expected = bytes.subarray(toAt, toAt + toWidth * toHeight * 3);
      assert.equal(largestDifference(resized.data, expected), 0);
    });
  }
});

Deno.test("resizeBicubic() leaves an image of the right size alone", () => {
  const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => i * 4);
  const image = { width: 5, height: 4, data };
  assert.deepEqual(resizeBicubic(image, 5, 4), image);
});

Deno.test("resizeBicubic() keeps the mean of what it shrinks", () => {
  const side = 200;
  const data = new Uint8Array(side * side * 3)
    .map((_, i) => (i * 7919) % 211);
  const small = resizeBicubic({ width: side, height: side, data }, 10, 10);
  const mean = (values: Uint8Array) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean(data) - mean(small.data)) < 0.5);
});

Deno.test("resizeBicubic() gives the same in bands as at once", () => {
  // 5.6 million samples are more than a band holds; 7 columns become 3.
  const [width, height] = [7, 800_000 / 3 | 0];
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => Math.imul(i, 2654435761) >>> 24,
  );
  const narrow = resizeBicubic({ width, height, data }, 3, height);
  const expected = resizeBicubic(narrow, 3, 20);
  assert.deepEqual(resizeBicubic({ width, height, data }, 3, 20), expected);
});

Deno.test("resizeBicubic() resizes the thinnest image that is read", () => {
  const [width, height] = [1, 100_000];
  const data = new Uint8Array(width * height * 3).fill(200);
  const { data: resized } = resizeBicubic({ width, height, data }, 518, 518);
  assert.ok(resized.every((value) => value === 200));
});

Deno.test("resizeBicubic() throws on a size that is no size", () => {
  const image = { width: 1, height: 1, data: new Uint8Array(3) };
  assert.throws(() => resizeBicubic(image, 0, 4), {
    name: "RangeError",
    message:
      "Cannot resize an image as its new width must be a positive integer: current value is 0",
  });
  assert.throws(() => resizeBicubic(image, 4, 1.5), {
    name: "RangeError",
    message: /new height .* 1\.5$/,
  });
});
