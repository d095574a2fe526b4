import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { decodeImage, type DecodeOptions } from "../../lib/image/decode.ts";
import { encodePng } from "../../lib/image/encode.ts";
import { ImageDecodeError } from "../../lib/image/image.ts";
import { readImageSize } from "../../lib/image/samples.ts";
import {
  largestDifference,
  readExpectations,
  readGoldenFile,
  readGoldens,
} from "./goldens.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** A 16-bit grey PNG of one row. */
async function grey16Png(values: number[]): Promise<Uint8Array> {
  const data = Uint16Array.from(values);
  const raw = { width: values.length, height: 1, channels: 1 as const };
  return await sharp(data, { raw }).toColourspace("grey16").png().toBuffer();
}

async function decodeError(
  bytes: Uint8Array,
  options?: DecodeOptions,
): Promise<string> {
  try {
    await decodeImage(bytes, options);
  } catch (error) {
    assert.ok(error instanceof ImageDecodeError, String(error));
    assert.ok(!error.message.includes("\n"));
    assert.match(error.message, /^Cannot decode the image as its? \S/);
    return error.message;
  }
  assert.fail("The image was decoded");
}

Deno.test("decodeImage() gives the bytes that Pillow gives", async (t) => {
  const expectations = readExpectations();
  for (const { file, width, height, at } of readGoldens().decode) {
    await t.step(file, async () => {
      const image = await decodeImage(readGoldenFile(file));
      assert.deepEqual([image.width, image.height], [width, height]);
      const expected = expectations.subarray(at, at + width * height * 3);
      const difference = largestDifference(image.data, expected);
      const isLossy = /jpg$|^jpeg|^lossy/.test(file);
      assert.ok(difference <= (isLossy ? 1 : 0), `differs by ${difference}`);
    });
  }
});

Deno.test("readImageSize() agrees with what is decoded", async () => {
  for (const { file, width, height } of readGoldens().decode) {
    const size = await readImageSize(readGoldenFile(file));
    assert.deepEqual(size, { width, height }, file);
  }
});

Deno.test("decodeImage() refuses every truncation", async (t) => {
  const files = readGoldens().decode.map(({ file }) => file)
    .filter((file) => /^(rgb|grey16|palette|420|cmyk|raw|loss|gap)/.test(file));
  assert.ok(files.length >= 12);
  for (const file of files) {
    await t.step(file, async () => {
      const bytes = readGoldenFile(file);
      for (const part of [0.05, 0.3, 0.5, 0.7, 0.9]) {
        const cut = bytes.slice(0, Math.floor(bytes.length * part));
        const message = await decodeError(cut);
        assert.match(message, /must be whole|format must be/);
      }
    });
  }
});

Deno.test("decodeImage() names what it was given instead of an image", async () => {
  const named: [Uint8Array, RegExp][] = [
    [new Uint8Array(), /must not be empty: current value is 0 bytes$/],
    [text("hello, world"), /is unknown, the file starts with 68 65 6c 6c 6f/],
    [text('<svg xmlns="http://www.w3.org/2000/svg"/>'), /is SVG or XML$/],
    [text('<?xml version="1.0"?><svg/>'), /is SVG or XML$/],
    [text("\ufeff <svg/>"), /is SVG or XML$/],
    [text("<html></html>"), /is HTML or XML$/],
    [text("GIF89a\x01\0\x01\0"), /BMP: current value is GIF$/],
    [text("%PDF-1.7"), /is PDF$/],
    [text("\0\0\0\x1cftypavif"), /is AVIF$/],
    [text("PK\x03\x04"), /is ZIP$/],
    [text("BM, but not a bitmap"), /BMP data must be whole/],
  ];
  for (const [bytes, expected] of named) {
    assert.match(await decodeError(bytes), expected);
  }
});

Deno.test("decodeImage() refuses what it would have to clip", async () => {
  for (const file of ["refused_float.tif", "refused_int32.tif"]) {
    const message = await decodeError(readGoldenFile(file));
    assert.match(message, /unsigned integers of 8 or 16 bits/);
  }
  const message = await decodeError(readGoldenFile("refused.gif"));
  assert.match(message, /current value is GIF$/);
});

Deno.test("decodeImage() limits pixels before it decodes them", async () => {
  const wide = { width: 60_000, height: 2, data: new Uint8Array(360_000) };
  const png = await encodePng(wide);
  assert.equal((await decodeImage(png)).width, 60_000);
  assert.match(
    await decodeError(png, { maxPixels: 119_999 }),
    /at most 119999 pixels: current value is 60000 x 2$/,
  );
  const bomb = png.slice();
  new DataView(bomb.buffer).setUint32(20, 60_000);
  crc32OfHeader(bomb);
  assert.match(await decodeError(bomb), /current value is 60000 x 60000$/);
});

/** Makes a PNG's header valid again after a change. */
function crc32OfHeader(png: Uint8Array): void {
  new DataView(png.buffer).setUint32(29, crc32(png.subarray(12, 29)));
}

Deno.test("decodeImage() scales 16-bit grey by the sensor's depth", async () => {
  const values = async (levels: number[], bitDepth?: 8 | 10 | 12 | 16) => {
    const options = bitDepth === undefined ? {} : { bitDepth };
    const { data } = await decodeImage(await grey16Png(levels), options);
    return Array.from(data.filter((_, i) => i % 3 === 0));
  };
  assert.deepEqual(await values([0, 128, 129, 65535]), [0, 0, 1, 255]);
  assert.deepEqual(await values([0, 2048, 4095], 12), [0, 128, 255]);
  assert.deepEqual(await values([0, 512, 1023], 10), [0, 128, 255]);
  assert.deepEqual(await values([0, 7, 255], 8), [0, 7, 255]);
  const tooBright = await grey16Png([4096]);
  assert.match(
    await decodeError(tooBright, { bitDepth: 12 }),
    /at most 4095 at a bit depth of 12: current value is 4096$/,
  );
});

Deno.test("decodeImage() survives damaged bytes", async () => {
  const files = ["rgb.bmp", "palette.bmp", "bit_fields.bmp", "rgb.png"];
  for (const file of files) {
    const good = readGoldenFile(file);
    for (let i = 0; i < Math.min(good.length, 70); i++) {
      const bad = good.slice();
      bad[i] = bad[i]! ^ 0xff;
      try {
        const { width, height, data } = await decodeImage(bad);
        assert.equal(data.length, width * height * 3);
      } catch (error) {
        assert.ok(error instanceof ImageDecodeError, `${file} byte ${i}`);
      }
    }
  }
});
