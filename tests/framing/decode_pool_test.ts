import assert from "node:assert/strict";
import sharp from "sharp";
import { decodeImage } from "../../lib/image/decode.ts";
import { DecodePool } from "../../lib/framing/decode_pool.ts";
import { frameImage } from "../../lib/framing/frame_image.ts";
import { ImageDecodeError } from "../../lib/image/image.ts";
import { resizeBicubic } from "../../lib/image/resample.ts";
import { readGoldenFile } from "../image/goldens.ts";

const HOW = { options: {}, side: 8, keepImage: false };

/** A progressive JPEG that takes a while to decode. */
async function slowImage(): Promise<Uint8Array> {
  const side = 1500;
  const noise = { type: "gaussian" as const, mean: 128, sigma: 50 };
  const create = {
    width: side,
    height: side,
    channels: 3 as const,
    background: "black",
    noise,
  };
  return await sharp({ create }).jpeg({ progressive: true }).toBuffer();
}

Deno.test("DecodePool decodes and resizes as the functions do", async () => {
  using pool = new DecodePool({ workers: 2 });
  const files = ["rgb.png", "444.jpg", "grey16.tif", "rgb.bmp", "text.ppm"];
  const found = await Promise.all(
    files.map((file) => pool.decode(readGoldenFile(file), HOW)),
  );
  for (const [i, file] of files.entries()) {
    const image = await decodeImage(readGoldenFile(file));
    const { data } = resizeBicubic(image, 8, 8);
    assert.deepEqual(found[i]?.pixels, data, file);
    assert.equal(found[i]?.width, image.width);
    assert.equal(found[i]?.data, undefined);
  }
});

Deno.test("startWorker() starts the worker of the first image, once", async () => {
  const { Worker: Original } = globalThis;
  let started = 0;
  globalThis.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Original>) {
      super(...args);
      started++;
    }
  };
  try {
    using pool = new DecodePool({ workers: 2 });
    pool.startWorker();
    pool.startWorker();
    assert.equal(started, 1);
    const { pixels } = await pool.decode(readGoldenFile("rgb.png"), HOW);
    assert.equal(pixels.length, 8 * 8 * 3);
    assert.equal(started, 1);
  } finally {
    globalThis.Worker = Original;
  }
});

Deno.test("DecodePool gives the image in its own size where asked", async () => {
  using pool = new DecodePool({ workers: 1 });
  const bytes = readGoldenFile("turned_6.png");
  const image = await decodeImage(bytes);
  const kept = { ...HOW, keepImage: true };
  const { pixels: _, ...found } = await pool.decode(bytes, kept);
  assert.deepEqual(found, image);
});

Deno.test("DecodePool lays images in tiles as frameImage() does", async () => {
  using pool = new DecodePool({ workers: 1 });
  const bytes = readGoldenFile("444.jpg");
  const image = await decodeImage(bytes);
  const region = {
    width: image.width,
    height: image.height,
    data: new Uint8Array(image.width * image.height).fill(1, 0, 400),
  };
  const tile = { rows: 2, columns: 2 };
  const frame = { side: 8, fit: "pad", tile, overlap: 0.5, region } as const;
  const found = await pool.decode(bytes, { ...HOW, frame });
  const expected = frameImage(image, frame);
  assert.deepEqual(found.pixels, expected.pixels);
  assert.deepEqual(found.frame, expected.frame);
});

Deno.test("DecodePool passes errors on with their reason", async () => {
  using pool = new DecodePool({ workers: 1 });
  await assert.rejects(
    pool.decode(new TextEncoder().encode("hello"), HOW),
    (error) =>
      error instanceof ImageDecodeError && error.reason === "unsupported",
  );
  await assert.rejects(
    pool.decode(readGoldenFile("rgb.png"), {
      ...HOW,
      options: { maxPixels: 1 },
    }),
    (error) =>
      error instanceof ImageDecodeError && error.reason === "too_large",
  );
  const { width } = await pool.decode(readGoldenFile("rgb.png"), HOW);
  assert.equal(width, 23);
});

Deno.test("DecodePool ends a wait when its signal is aborted", async () => {
  using pool = new DecodePool({ workers: 1 });
  const slow = await slowImage();
  const stop = new AbortController();
  const wait = pool.decode(slow, { ...HOW, signal: stop.signal });
  const behind = new AbortController();
  const queued = pool.decode(slow, { ...HOW, signal: behind.signal });
  behind.abort(new Error("left"));
  await assert.rejects(queued, /^Error: left$/);
  assert.equal(pool.waiting, 0);
  stop.abort(new Error("too late"));
  await assert.rejects(wait, /^Error: too late$/);
  assert.equal(pool.retired, 1);
  // Another worker takes the place while the first one still decodes.
  const { width } = await pool.decode(readGoldenFile("rgb.png"), HOW);
  assert.equal(width, 23);
});

Deno.test("DecodePool bounds its workers while abandoned images are decoded", async () => {
  using pool = new DecodePool({ workers: 1 });
  const slow = await slowImage();
  for (let i = 0; i < 2; i++) {
    const stop = new AbortController();
    const wait = pool.decode(slow, { ...HOW, signal: stop.signal });
    stop.abort(new Error("left"));
    await assert.rejects(wait, /left/);
  }
  assert.equal(pool.retired, 2);
  const next = pool.decode(readGoldenFile("rgb.png"), HOW);
  assert.equal(pool.waiting, 1);
  assert.equal((await next).width, 23);
});

Deno.test("DecodePool fails what waits when it is closed", async () => {
  const pool = new DecodePool({ workers: 1 });
  const waits = [1, 2].map(() => pool.decode(readGoldenFile("rgb.png"), HOW));
  pool.close();
  for (const wait of waits) await assert.rejects(wait, /pool was closed$/);
  await assert.rejects(
    pool.decode(readGoldenFile("rgb.png"), HOW),
    /pool was closed$/,
  );
});
