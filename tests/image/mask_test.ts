import assert from "node:assert/strict";
import sharp from "sharp";
import { decodeImage } from "../../lib/image/decode.ts";
import { encodeMaskPng } from "../../lib/image/encode.ts";
import { ImageDecodeError } from "../../lib/image/image.ts";
import { decodeMask, resizeMask } from "../../lib/image/mask.ts";
import { turnMask } from "../../lib/image/orientation.ts";
import {
  largestDifference,
  readExpectations,
  readGoldenFile,
  readGoldens,
} from "./goldens.ts";

Deno.test("decodeMask() and resizeMask() give what Pillow gives", async (t) => {
  const bytes = readExpectations();
  for (const { file, width, height, at, side, toAt } of readGoldens().masks) {
    await t.step(`${file} to ${side}`, async () => {
      const mask = await decodeMask(readGoldenFile(file));
      assert.deepEqual([mask.width, mask.height], [width, height]);
      const expected = bytes.subarray(at, at + width * height);
      assert.equal(largestDifference(mask.data, expected), 0);
      const resized = bytes.subarray(toAt, toAt + side * side);
      assert.equal(largestDifference(resizeMask(mask, side), resized), 0);
    });
  }
});

Deno.test("decodeMask() reads what encodeMaskPng() writes", async () => {
  const data = Uint8Array.from({ length: 21 }, (_, i) => i % 3 === 0 ? 1 : 0);
  const mask = { width: 7, height: 3, data };
  assert.deepEqual(await decodeMask(await encodeMaskPng(mask)), {
    ...mask,
    isCut: false,
    isAlpha: false,
  });
});

Deno.test("decodeMask() tells whether it cut shades of grey", async () => {
  const cut = [];
  for (const file of ["255", "ids", "palette", "bilevel", "16bit", "levels"]) {
    const mask = await decodeMask(readGoldenFile(`mask_${file}.png`));
    if (mask.isCut) cut.push(file);
  }
  assert.deepEqual(cut, ["levels"]);
});

Deno.test("turnMask() turns a mask as its image is turned", async () => {
  const stored = await decodeMask(readGoldenFile("mask_255.png"));
  const image = { width: 60, height: 40, data: new Uint8Array(7200) };
  stored.data.forEach((lit, i) => image.data.fill(lit * 255, i * 3, i * 3 + 3));
  for (let orientation = 1; orientation <= 8; orientation++) {
    const png = await sharp(image.data, { raw: { ...image, channels: 3 } })
      .withMetadata({ orientation }).png().toBuffer();
    const turned = await decodeImage(png);
    assert.equal(turned.orientation, orientation);
    const mask = turnMask(stored, orientation);
    assert.deepEqual([mask.width, mask.height], [turned.width, turned.height]);
    assert.ok(mask.data.every((lit, i) => turned.data[i * 3] === lit * 255));
  }
});

Deno.test("decodeMask() refuses what is no mask", async () => {
  await assert.rejects(decodeMask(readGoldenFile("cmyk.tif")), {
    name: "ImageDecodeError",
    message: /colours must be grey or RGB: current value is CMYK$/,
  });
  await assert.rejects(decodeMask(new Uint8Array()), ImageDecodeError);
  await assert.rejects(
    decodeMask(readGoldenFile("mask_255.png"), { maxPixels: 10 }),
    /at most 10 pixels: current value is 60 x 40$/,
  );
});

Deno.test("resizeMask() lets a single pixel vanish when it shrinks", () => {
  const data = new Uint8Array(100 * 100);
  data[5050] = 1;
  const resized = resizeMask({ width: 100, height: 100, data }, 10);
  assert.ok(resized.every((value) => value === 0));
});
