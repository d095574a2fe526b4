/**
 * Image files to RGB, to the same bytes as Pillow's `convert("RGB")`.
 *
 * @module
 */
import { ImageDecodeError, type RgbImage } from "./image.ts";
import { readSamples, type Samples } from "./samples.ts";

/** Bits per sample that a sensor fills. */
export type BitDepth = 8 | 10 | 12 | 16;

/** Options of {@linkcode decodeImage}. */
export interface DecodeOptions {
  /**
   * The bits a sensor really fills in the samples of a 16-bit file; files of
   * 8 bits do not look at it.
   *
   * @default {16}
   */
  readonly bitDepth?: BitDepth;
  /**
   * The most pixels an image may have.
   *
   * @default {100e6}
   */
  readonly maxPixels?: number;
}

/**
 * Scales to 8 bits. Pillow keeps the high byte of 16-bit RGB, and so does
 * this where no other depth is asked for.
 */
function narrow(samples: Samples, bitDepth: BitDepth): Uint8Array {
  const { data, space } = samples;
  if (data instanceof Uint8Array) return data;
  const narrowed = new Uint8Array(data.length);
  if (space === "rgb" && bitDepth === 16) {
    for (let i = 0; i < data.length; i++) narrowed[i] = data[i]! >> 8;
    return narrowed;
  }
  const max = 2 ** bitDepth - 1;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value > max) {
      throw new ImageDecodeError(
        `Cannot decode the image as its samples must be at most ${max} at a bit depth of ${bitDepth}: current value is ${value}`,
      );
    }
    narrowed[i] = Math.floor(value * 255 / max + 0.5);
  }
  return narrowed;
}

function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0, to = 0; i < grey.length; i++, to += 3) {
    const value = grey[i]!;
    rgb[to] = value;
    rgb[to + 1] = value;
    rgb[to + 2] = value;
  }
  return rgb;
}

/** Pillow's conversion, which knows no profile: `(255 - K)(255 - C) / 255`. */
function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(cmyk.length / 4 * 3);
  for (let i = 0, to = 0; i < cmyk.length; i += 4) {
    const light = 255 - cmyk[i + 3]!;
    for (let c = 0; c < 3; c++) {
      const product = cmyk[i + c]! * light + 128;
      rgb[to++] = Math.max(light - (((product >> 8) + product) >> 8), 0);
    }
  }
  return rgb;
}

/**
 * Decodes a PNG, JPEG, TIFF, WebP or BMP file, whatever its name.
 *
 * Grey, palette and CMYK images become RGB, alpha is dropped, colour profiles
 * are ignored, and so is the orientation except in TIFF: as Pillow does. Grey
 * of 16 bits is scaled to 8 and rounded. Of several pages or frames, the first
 * is read.
 *
 * @param bytes The file's bytes.
 * @param options The bit depth and the limit on pixels.
 * @returns The image.
 * @throws {ImageDecodeError} If the file is empty, cut off, too large, or not
 * of a known format and layout.
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<RgbImage> {
  const samples = await readSamples(bytes, options);
  const { width, height, space } = samples;
  const narrowed = narrow(samples, options.bitDepth ?? 16);
  const data = space === "grey"
    ? greyToRgb(narrowed)
    : space === "cmyk"
    ? cmykToRgb(narrowed)
    : narrowed;
  return { width, height, data };
}
