/**
 * Image files to RGB, to the same bytes as Pillow's `convert("RGB")`.
 *
 * @module
 */
import { ImageDecodeError, type ImageSize, type RgbImage } from "./image.ts";
import {
  type DecodeLimits,
  type ImageHeader,
  readHeader,
  readSamples,
  type Samples,
} from "./samples.ts";

/** Bits per sample that a sensor fills. */
export type BitDepth = 8 | 10 | 12 | 16;

/** Options of {@linkcode decodeImage}. */
export interface DecodeOptions extends DecodeLimits {
  /**
   * The bits a sensor really fills in the samples of a 16-bit file; files of
   * 8 bits do not look at it.
   *
   * @default {16}
   */
  readonly bitDepth?: BitDepth;
  /**
   * Whether the orientation that EXIF tells is ignored, except in TIFF: as
   * Pillow does.
   *
   * @default {false}
   */
  readonly ignoreOrientation?: boolean;
}

/** An image, and what a user may want to know of its file. */
export interface DecodedImage extends RgbImage {
  /**
   * How the stored image was turned, as EXIF numbers it, 1 to 8; 1 where it was
   * left as it is. From 5 on, width and height change places.
   */
  readonly orientation: number;
  /** The largest sample of a file of 16 bits that was read as such. */
  readonly largestSample?: number;
  /** Pages or frames of the file that were not read. */
  readonly furtherPages: number;
  /** What the decoder said of damage that it could read past. */
  readonly damage?: string;
}

/** An image file whose header was read. */
export interface ImageFile extends ImageSize {
  /** How the stored image is turned, as {@linkcode DecodedImage} has it. */
  readonly orientation: number;
  /** Decodes the pixels. */
  decode(): Promise<DecodedImage>;
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

function toRgb(samples: Samples, bitDepth: BitDepth): Uint8Array {
  const narrowed = narrow(samples, bitDepth);
  if (samples.space === "grey") return greyToRgb(narrowed);
  return samples.space === "cmyk" ? cmykToRgb(narrowed) : narrowed;
}

function largestOf(data: Uint16Array): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, value);
  return largest;
}

/** Pillow turns TIFF images by their orientation, and no others. */
function turnOf(header: ImageHeader, ignoreOrientation: boolean): number {
  return ignoreOrientation && header.format !== "TIFF" ? 1 : header.orientation;
}

async function decodeFile(
  header: ImageHeader,
  options: DecodeOptions,
): Promise<DecodedImage> {
  const orientation = turnOf(header, options.ignoreOrientation ?? false);
  const isTurned = orientation !== 1;
  const { bitDepth = 16 } = options;
  const samples = await readSamples(header, { ...options, isTurned });
  const { width, height, data, damage } = samples;
  return {
    width,
    height,
    data: toRgb(samples, bitDepth),
    orientation,
    furtherPages: header.furtherPages,
    ...data instanceof Uint16Array && bitDepth === 16 &&
      { largestSample: largestOf(data) },
    ...damage !== undefined && { damage },
  };
}

/**
 * Reads the header of an image file, whatever its name, and tells the size
 * before anything is decoded.
 *
 * @param bytes The file's bytes.
 * @param options How to decode it, and the limits.
 * @returns The size of the image as it will be decoded, and a way to decode it.
 * @throws {ImageDecodeError} If the file is empty, too large, or not of a known
 * format and layout.
 */
export async function openImage(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<ImageFile> {
  const header = await readHeader(bytes, options);
  const { width, height } = header;
  const orientation = turnOf(header, options.ignoreOrientation ?? false);
  const isOnSide = orientation > 4;
  return {
    orientation,
    width: isOnSide ? height : width,
    height: isOnSide ? width : height,
    decode: () => decodeFile(header, options),
  };
}

/**
 * Decodes a PNG, JPEG, TIFF, WebP, BMP, PGM or PPM file, whatever its name.
 *
 * Grey, palette and CMYK images become RGB, alpha is dropped, and colour
 * profiles are ignored. Images are turned upright as EXIF says. Grey of 16 bits
 * is scaled to 8 and rounded. Of several pages or frames the first full one is
 * read.
 *
 * @param bytes The file's bytes.
 * @param options The bit depth, the orientation and the limits.
 * @returns The image.
 * @throws {ImageDecodeError} If the file is empty, cut off, too large, or not
 * of a known format and layout.
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<DecodedImage> {
  return await (await openImage(bytes, options)).decode();
}

/**
 * Reads the size of an image file from its header.
 *
 * @param bytes The file's bytes.
 * @param options Whether the orientation counts, and the limit on pixels.
 * @returns Width and height in pixels of the image as it would be decoded.
 * @throws {ImageDecodeError} As `openImage` does.
 */
export async function readImageSize(
  bytes: Uint8Array,
  options: DecodeOptions = {},
): Promise<ImageSize> {
  const { width, height } = await openImage(bytes, options);
  return { width, height };
}
