/**
 * Rasters to PNG and JPEG bytes.
 *
 * @module
 */
import type { Sharp } from "sharp";
import { importLate } from "../async/import_late.ts";
import { loadSharp } from "./load_sharp.ts";
import { counted } from "./native_work.ts";
import type { ImageSize, Mask, RgbImage } from "./image.ts";

/** Options of {@linkcode encodeJpeg}. */
export interface EncodeJpegOptions {
  /**
   * Quality, 1 to 100.
   *
   * @default {85}
   */
  readonly quality?: number;
}

function assertSamples(
  what: string,
  image: RgbImage | Mask,
  channels: number,
): void {
  const expected = image.width * image.height * channels;
  if (!(expected > 0) || image.data.length !== expected) {
    throw new TypeError(
      `Cannot encode ${what} as its data must hold width x height x ${channels} bytes: current value is ${image.data.length} bytes for ${image.width} x ${image.height}`,
    );
  }
}

/** Interleaved samples `[height, width, channels]`, to be encoded. */
async function raw(
  data: Uint8Array,
  { width, height }: ImageSize,
  channels: 1 | 3 | 4,
): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels } });
}

async function rawRgb(image: RgbImage): Promise<Sharp> {
  assertSamples("an image", image, 3);
  return await raw(image.data, image, 3);
}

function toBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/**
 * Encodes an image as an RGB PNG, lossless and with little effort spent on
 * compression.
 *
 * @param image The image.
 * @returns The file's bytes.
 * @throws {TypeError} If the data does not fit the image's size.
 */
export async function encodePng(image: RgbImage): Promise<Uint8Array> {
  const png = (await rawRgb(image)).png({ compressionLevel: 2 });
  return toBytes(await counted(png.toBuffer()));
}

/**
 * Encodes indices of colours as a PNG with a palette.
 *
 * @param indices One a pixel, `[height, width]`.
 * @param size The size of the image.
 * @param palette 256 colours, `[256, 3]`.
 * @returns The file's bytes.
 * @throws {TypeError} If the indices do not fit the image's size.
 */
export async function encodePalettePng(
  indices: Uint8Array,
  { width, height }: ImageSize,
  palette: Uint8Array,
): Promise<Uint8Array> {
  assertSamples("indices", { width, height, data: indices }, 1);
  const grey = (await raw(indices, { width, height }, 1))
    .toColourspace("b-w").png({ compressionLevel: 1 });
  const address = new URL("./png_palette.ts", import.meta.url);
  const { withPalette } = await importLate<typeof import("./png_palette.ts")>(
    address,
  );
  return withPalette(await counted(grey.toBuffer()), palette);
}

/**
 * Encodes an image with an opacity for each pixel as a PNG.
 *
 * @param image The image.
 * @param alpha Opacity, 0 to 255, `[height, width]`.
 * @returns The file's bytes.
 * @throws {TypeError} If the data does not fit the image's size.
 */
export async function encodeTransparentPng(
  image: RgbImage,
  alpha: Uint8Array,
): Promise<Uint8Array> {
  const { width, height } = image;
  assertSamples("an image", image, 3);
  assertSamples("an opacity", { width, height, data: alpha }, 1);
  const rgba = new Uint8Array(alpha.length * 4); // [height, width, 4]
  alpha.forEach((opacity, i) => {
    rgba.set(image.data.subarray(i * 3, i * 3 + 3), i * 4);
    rgba[i * 4 + 3] = opacity;
  });
  const png = (await raw(rgba, image, 4)).png({ compressionLevel: 2 });
  return toBytes(await counted(png.toBuffer()));
}

/**
 * Encodes an image as an RGB PNG of another size. Each pixel takes the colour
 * of the nearest one, so no colour is new.
 *
 * @throws {TypeError} If the data does not fit the image's size.
 */
export async function encodePngAt(
  image: RgbImage,
  { width, height }: ImageSize,
): Promise<Uint8Array> {
  const resized = (await rawRgb(image))
    .resize(width, height, { fit: "fill", kernel: "nearest" });
  return toBytes(
    await counted(resized.png({ compressionLevel: 6 }).toBuffer()),
  );
}

/**
 * Encodes a mask as a grey PNG: 255 where the mask is 1, 0 elsewhere.
 *
 * @param mask The mask.
 * @returns The file's bytes.
 * @throws {TypeError} If the data does not fit the mask's size.
 */
export async function encodeMaskPng(mask: Mask): Promise<Uint8Array> {
  assertSamples("a mask", mask, 1);
  const grey = mask.data.map((value) => value === 0 ? 0 : 255);
  const png = (await raw(grey, mask, 1))
    .toColourspace("b-w")
    .png({ compressionLevel: 2 });
  return toBytes(await counted(png.toBuffer()));
}

/**
 * Encodes an image as a smaller JPEG, for pages that show many.
 *
 * @param image The image.
 * @param size The size of the JPEG.
 * @returns The file's bytes.
 * @throws {TypeError} If the data does not fit the image's size.
 */
export async function encodeThumbnail(
  image: RgbImage,
  { width, height }: ImageSize,
): Promise<Uint8Array> {
  const small = (await rawRgb(image)).resize(width, height, { fit: "fill" });
  return toBytes(await counted(small.jpeg({ quality: 80 }).toBuffer()));
}

/**
 * Encodes an image as a baseline JPEG.
 *
 * @param image The image.
 * @param options The quality.
 * @returns The file's bytes.
 * @throws {TypeError} If the data does not fit the image's size.
 * @throws {RangeError} If the quality is not an integer from 1 to 100.
 */
export async function encodeJpeg(
  image: RgbImage,
  options: EncodeJpegOptions = {},
): Promise<Uint8Array> {
  const { quality = 85 } = options;
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new RangeError(
      `Cannot encode a JPEG as its quality must be an integer from 1 to 100: current value is ${quality}`,
    );
  }
  const jpeg = (await rawRgb(image)).jpeg({ quality });
  return toBytes(await counted(jpeg.toBuffer()));
}
