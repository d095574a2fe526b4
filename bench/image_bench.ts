/**
 * Decoding and resizing, compared with the resizing of sharp, which does not
 * compute as Pillow does.
 *
 * | group  | file                                | bytes (about) | resized to |
 * | ------ | ----------------------------------- | ------------- | ---------- |
 * | PNG    | 1024 x 1024 RGB, texture with noise | 2.4 MB        | 518 x 518  |
 * | JPEG   | the same at quality 90              | 0.2 MB        | 518 x 518  |
 *
 * @module
 */
import sharp from "sharp";
import { decodeImage } from "../lib/image/decode.ts";
import { encodeJpeg, encodePng } from "../lib/image/encode.ts";
import type { RgbImage } from "../lib/image/image.ts";
import { resizeBicubic } from "../lib/image/resample.ts";

const SIDE = 1024;
const MODEL_SIDE = 518;

/** A woven texture with noise, which compresses about as photographs do. */
function texture(): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.trunc(i / 3);
    const x = pixel % SIDE;
    const y = Math.trunc(pixel / SIDE);
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    const noise = (state >> 16) % 12;
    const weave = 60 * Math.sin(x / 9 + i % 3) + 40 * Math.cos(y / 13);
    data[i] = 120 + weave + noise;
  }
  return { width: SIDE, height: SIDE, data };
}

const image = texture();
const files = {
  PNG: await encodePng(image),
  JPEG: await encodeJpeg(image, { quality: 90 }),
};

for (const [format, bytes] of Object.entries(files)) {
  const group = `decode and resize ${format}`;

  Deno.bench("sharp", { group, baseline: true }, async () => {
    await sharp(bytes)
      .resize(MODEL_SIDE, MODEL_SIDE, { fit: "fill", kernel: "cubic" })
      .removeAlpha().raw().toBuffer();
  });

  Deno.bench("this project", { group }, async () => {
    resizeBicubic(await decodeImage(bytes), MODEL_SIDE, MODEL_SIDE);
  });
}

Deno.bench("decode PNG", { group: "parts", baseline: true }, async () => {
  await decodeImage(files.PNG);
});

Deno.bench("resize", { group: "parts" }, () => {
  resizeBicubic(image, MODEL_SIDE, MODEL_SIDE);
});
