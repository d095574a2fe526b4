import assert from "node:assert/strict";
import sharp from "sharp";
import { decodeImage } from "../../lib/image/decode.ts";
import {
  encodeJpeg,
  encodeMaskPng,
  encodePalettePng,
  encodePng,
  encodeTransparentPng,
} from "../../lib/image/encode.ts";
import { largestDifference } from "./goldens.ts";

const IMAGE = {
  width: 40,
  height: 30,
  data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i / 9) % 256),
};

Deno.test("encodePng() keeps every byte", async () => {
  const { width, height, data } = await decodeImage(await encodePng(IMAGE));
  assert.deepEqual({ width, height, data }, IMAGE);
});

Deno.test("encodePalettePng() writes each index in its colour", async (t) => {
  const palette = Uint8Array.from({ length: 768 }, (_, i) => (i * 37) % 256);
  const colourOf = (
    index: number,
  ) => [...palette.subarray(3 * index).slice(0, 3)];
  for (
    const [name, indices] of [
      ["all of them", Uint8Array.from({ length: 256 }, (_, i) => i)],
      ["few of them", Uint8Array.from({ length: 256 }, (_, i) => i % 2)],
    ] as const
  ) {
    await t.step(name, async () => {
      const size = { width: 32, height: 8 };
      const png = await encodePalettePng(indices, size, palette);
      const { width, height, data } = await decodeImage(png);
      assert.deepEqual({ width, height }, size);
      assert.deepEqual([...data], [...indices].flatMap(colourOf));
    });
  }
});

Deno.test("encodeTransparentPng() keeps colours and opacity", async () => {
  const image = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const png = await encodeTransparentPng(image, Uint8Array.of(0, 200));
  const { data } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([...data], [1, 2, 3, 0, 4, 5, 6, 200]);
});

Deno.test("encodeJpeg() loses little at a high quality", async () => {
  const fine = await encodeJpeg(IMAGE, { quality: 95 });
  const { width, height, data } = await decodeImage(fine);
  assert.deepEqual([width, height], [40, 30]);
  assert.ok(largestDifference(data, IMAGE.data) < 24);
  const coarse = await encodeJpeg(IMAGE, { quality: 20 });
  assert.ok(coarse.length < fine.length);
});

Deno.test("encodeJpeg() throws on a quality out of range", async () => {
  await assert.rejects(encodeJpeg(IMAGE, { quality: 0 }), {
    name: "RangeError",
    message: /integer from 1 to 100: current value is 0$/,
  });
});

Deno.test("encode functions throw on data of another size", async () => {
  const short = { ...IMAGE, data: new Uint8Array(10) };
  const expected = { name: "TypeError", message: /is 10 bytes for 40 x 30$/ };
  await assert.rejects(encodePng(short), expected);
  await assert.rejects(encodeJpeg(short), expected);
  await assert.rejects(encodeMaskPng(short), expected);
});
