import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { decodeImage, type DecodeOptions } from "../../lib/image/decode.ts";
import { encodePng } from "../../lib/image/encode.ts";
import { ImageDecodeError } from "../../lib/image/image.ts";
import { keepPixelChunks } from "../../lib/image/png_chunks.ts";
import { readImageSize } from "../../lib/image/decode.ts";
import {
  largestDifference,
  readExpectations,
  readGoldenFile,
  readGoldens,
} from "./goldens.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Pillow turns no image but TIFF. */
const AS_PILLOW = { ignoreOrientation: true };

/** A 16-bit grey PNG of one row. */
async function grey16Png(values: number[]): Promise<Uint8Array> {
  const data = Uint16Array.from(values);
  const raw = { width: values.length, height: 1, channels: 1 as const };
  return await sharp(data, { raw }).toColourspace("grey16").png().toBuffer();
}

/** Length, type, data and checksum. */
function pngChunk(type: string, data: number[]): Uint8Array {
  const body = new Uint8Array([...text(type), ...data]);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(body, 4);
  view.setUint32(chunk.length - 4, crc32(body));
  return chunk;
}

/** Puts the right checksum into the header of a PNG. */
function fixHeader(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset);
  view.setUint32(29, crc32(png.subarray(12, 29)));
  return png;
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
      const image = await decodeImage(readGoldenFile(file), AS_PILLOW);
      assert.deepEqual([image.width, image.height], [width, height]);
      const expected = expectations.subarray(at, at + width * height * 3);
      const difference = largestDifference(image.data, expected);
      const isLossy = /jpg$|^jpeg|^lossy/.test(file);
      assert.ok(difference <= (isLossy ? 1 : 0), `differs by ${difference}`);
    });
  }
});

Deno.test("decodeImage() turns images as EXIF says", async (t) => {
  const expectations = readExpectations();
  for (const { file, width, height, at } of readGoldens().upright) {
    await t.step(file, async () => {
      const image = await decodeImage(readGoldenFile(file));
      assert.deepEqual([image.width, image.height], [width, height]);
      const expected = expectations.subarray(at, at + width * height * 3);
      const difference = largestDifference(image.data, expected);
      assert.ok(difference <= (file.endsWith(".jpg") ? 1 : 0), `${difference}`);
      const turn = /^turned_(\d)/.exec(file)?.[1] ?? "1";
      assert.equal(image.orientation, Number(turn));
      assert.deepEqual(await readImageSize(readGoldenFile(file)), {
        width,
        height,
      });
    });
  }
});

Deno.test("decodeImage() leaves images as stored where it is told to", async () => {
  const options = { ignoreOrientation: true };
  const image = await decodeImage(readGoldenFile("turned_6.png"), options);
  assert.deepEqual([image.width, image.height, image.orientation], [23, 17, 1]);
});

Deno.test("decodeImage() reads the first full page and counts the others", async () => {
  const scan = await decodeImage(readGoldenFile("thumbnail_first.tif"));
  assert.deepEqual([scan.width, scan.height, scan.furtherPages], [23, 17, 1]);
  const pages = await decodeImage(readGoldenFile("pages.tif"));
  assert.equal(pages.furtherPages, 1);
  const animated = await decodeImage(readGoldenFile("animated.webp"));
  assert.ok(animated.furtherPages > 0);
  const single = await decodeImage(readGoldenFile("rgb.png"));
  assert.equal(single.furtherPages, 0);
});

Deno.test("decodeImage() tells the largest sample of 16 bits", async () => {
  const image = await decodeImage(await grey16Png([0, 4095, 17]));
  assert.equal(image.largestSample, 4095);
  const eight = await decodeImage(readGoldenFile("rgb.png"));
  assert.equal(eight.largestSample, undefined);
});

Deno.test("decodeImage() tells of damage that the decoder reads past", async () => {
  const bytes = readGoldenFile("444.jpg").slice();
  const whole = await decodeImage(bytes);
  assert.equal(whole.damage, undefined);
  // An end marker in the middle of the scan: the rest of the image is grey.
  const middle = Math.floor(bytes.length * 0.8);
  bytes.set([0xff, 0xd9], middle);
  const cut = await decodeImage(bytes);
  assert.match(cut.damage ?? "", /\S/);
  assert.notDeepEqual(cut.data, whole.data);
});

Deno.test("decodeImage() unpacks no text of a PNG", async () => {
  // 64 MB of text in 64 kB; the decoder alone would unpack it twice.
  const packed = deflateSync(new Uint8Array(64 << 20));
  const text = pngChunk("zTXt", [
    ...new TextEncoder().encode("a\0\0"),
    ...packed,
  ]);
  const png = readGoldenFile("rgb.png");
  const bomb = new Uint8Array([
    ...png.subarray(0, 33),
    ...text,
    ...png.subarray(33),
  ]);
  assert.deepEqual(keepPixelChunks(bomb), keepPixelChunks(png));
  const image = await decodeImage(bomb);
  assert.deepEqual(image.data, (await decodeImage(png)).data);
});

Deno.test("decodeImage() opens no format but those it names", async (t) => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  const disguised: Record<string, string> = {
    "WebP without RIFF": `<!--    WEBP -->${svg}`,
    "RIFF that is no WebP": `RIFF----WEBP${svg}`,
    "JPEG's first bytes": `\xff\xd8\xff${svg}`,
    "PNG's signature": `\x89PNG\r\n\x1a\n${svg}`,
    "TIFF's byte order": `II*\0${svg}`,
  };
  for (const [name, content] of Object.entries(disguised)) {
    await t.step(name, async () => {
      const bytes = Uint8Array.from(content, (c) => c.charCodeAt(0));
      await decodeError(bytes);
    });
  }
});

Deno.test("libvips opens no other format in this process", async () => {
  const gif = readGoldenFile("refused.gif");
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  for (const bytes of [gif, text(svg)]) {
    await assert.rejects(
      sharp(bytes).metadata(),
      /unsupported image format/,
    );
  }
});

Deno.test("decodeImage() refuses long sides and many scans before it decodes", async () => {
  const long = readGoldenFile("rgb.png").slice();
  new DataView(long.buffer).setUint32(20, 1_000_000); // The height in IHDR.
  const message = await decodeError(fixHeader(long));
  assert.match(
    message,
    /sides of at most 100000 pixels: current value is 23 x 1000000$/,
  );
  const jpeg = readGoldenFile("progressive.jpg");
  const scan = jpeg.lastIndexOf(0xda) - 1;
  const one = jpeg.subarray(scan, jpeg.length - 2);
  const many = [...jpeg.subarray(0, scan)];
  for (let i = 0; i < 101; i++) many.push(...one);
  const refused = await decodeError(Uint8Array.from([...many, 0xff, 0xd9]));
  assert.match(refused, /at most 100 scans: current value is \d+$/);
});

Deno.test("ImageDecodeError says what is wrong with the bytes", async () => {
  const reasonOf = async (bytes: Uint8Array, options?: DecodeOptions) => {
    try {
      await decodeImage(bytes, options);
    } catch (error) {
      assert.ok(error instanceof ImageDecodeError);
      return error.reason;
    }
  };
  assert.equal(await reasonOf(new Uint8Array()), "unsupported");
  assert.equal(await reasonOf(text("hello")), "unsupported");
  const png = readGoldenFile("rgb.png");
  assert.equal(await reasonOf(png, { maxPixels: 10 }), "too_large");
  assert.equal(await reasonOf(png.subarray(0, 60)), "broken");
});

Deno.test("decodeImage() refuses damaged PGM and PPM files", async (t) => {
  const damaged = {
    "no size": "P5\n",
    "no pixels": "P5\n0 4\n255\n",
    "a large white": "P5\n1 1\n70000\n00",
    "cut off": "P6\n4 4\n255\nabc",
    "a sample above white": "P2\n1 1\n15\n16\n",
    "text that ends": "P3\n1 1\n15\n1 2 ",
    "a size without bytes": "P5\n9999 9999\n255\n",
    "a bitmap": "P4\n8 1\n1",
  };
  for (const [name, content] of Object.entries(damaged)) {
    await t.step(name, async () => {
      await decodeError(text(content));
    });
  }
});

Deno.test("readImageSize() agrees with what is decoded", async () => {
  for (const { file, width, height } of readGoldens().decode) {
    const size = await readImageSize(readGoldenFile(file), AS_PILLOW);
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
    [text("GIF89a\x01\0\x01\0"), /PPM: current value is GIF$/],
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
/** A TIFF of 4 x 4 grey pixels that names a compression. */
function tiffCompressedBy(compression: number): Uint8Array {
  const entries = [
    ...[[256, 4], [257, 4], [258, 8], [259, compression], [262, 1]],
    ...[[273, 200], [277, 1], [278, 4], [279, 16]],
  ] as const;
  const tiff = new Uint8Array(216);
  const view = new DataView(tiff.buffer);
  tiff.set([0x49, 0x49, 42, 0, 8, 0, 0, 0, entries.length, 0]);
  for (const [i, [tag, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, 3, true); // SHORT
    view.setUint32(at + 4, 1, true);
    view.setUint16(at + 8, value, true);
  }
  return tiff;
}

Deno.test("decodeImage() names the compression of a TIFF that it cannot read", async () => {
  const named = { 50000: /ZSTD/, 34925: /LZMA/, 34887: /LERC/, 50002: /50002/ };
  for (const [compression, name] of Object.entries(named)) {
    const tiff = tiffCompressedBy(Number(compression));
    await assert.rejects(decodeImage(tiff), {
      name: "ImageDecodeError",
      message: name,
    });
  }
});

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
