/**
 * Ground-truth masks.
 *
 * @module
 */
import { ImageDecodeError, type ImageSize, type Mask } from "./image.ts";
import { BILINEAR, resample } from "./resample.ts";
import {
  type DecodeLimits,
  readHeader,
  readOpacity,
  readSamples,
  type Samples,
} from "./samples.ts";

/** Options of {@linkcode decodeMask}. */
export interface MaskOptions extends DecodeLimits {
  /**
   * Whether the orientation in the mask's own EXIF data is ignored.
   *
   * @default {false}
   */
  readonly ignoreOrientation?: boolean;
}

/** A mask, and how its values were read. */
export interface DecodedMask extends Mask {
  /**
   * Whether the file holds shades of grey, as a JPEG or a smoothed edge does.
   * What is brighter than half of the brightest pixel is then defective.
   */
  readonly isCut: boolean;
  /** Whether it is the opacity of a file whose colour is one everywhere. */
  readonly isAlpha: boolean;
}

/**
 * Masks of several classes number them from 1, as VisA does. Up to this value
 * every pixel but 0 is defective.
 */
const MAX_CLASS = 31;

/** Rec. 601 luma in 16-bit fixed point, as Pillow's `convert("L")`. */
function isLit(red: number, green: number, blue: number): boolean {
  return red * 19595 + green * 38470 + blue * 7471 + 0x8000 >= 1 << 16;
}

/** Values 0 to 65535, one a pixel: of a colour the strongest channel. */
function valuesOf(samples: Samples): Uint8Array | Uint16Array {
  const { width, height, space, data } = samples;
  if (space === "grey") return data;
  if (space === "cmyk") {
    throw new ImageDecodeError(
      "Cannot decode the mask as its colours must be grey or RGB: current value is CMYK",
    );
  }
  const shift = data instanceof Uint16Array ? 8 : 0;
  const values = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < values.length; i++, at += 3) {
    const red = data[at]! >> shift;
    const green = data[at + 1]! >> shift;
    const blue = data[at + 2]! >> shift;
    values[i] = isLit(red, green, blue) ? Math.max(red, green, blue) : 0;
  }
  return values;
}

/** The lowest value that counts as defective, and whether greys were cut. */
function thresholdOf(
  values: Uint8Array | Uint16Array,
): { threshold: number; isCut: boolean } {
  const counts = new Uint8Array(65536);
  // By index: an iterator takes seconds for ten million pixels.
  for (let i = 0; i < values.length; i++) counts[values[i]!] = 1;
  let [distinct, highest] = [0, 0];
  counts.forEach((isThere, value) => {
    if (isThere === 0) return;
    distinct++;
    highest = value;
  });
  const isCut = highest > MAX_CLASS && distinct > 2;
  return { threshold: isCut ? highest / 2 : 1, isCut };
}

interface MaskSamples extends Samples {
  /** Opacity, read only where the colour is one everywhere. */
  readonly opacity: Uint8Array | null;
}

function isUniform({ data, space, width, height }: Samples): boolean {
  const channels = data.length / (width * height);
  if (space === "cmyk") return false;
  for (let i = channels; i < data.length; i++) {
    if (data[i] !== data[i - channels]) return false;
  }
  return true;
}

async function readMaskSamples(
  bytes: Uint8Array,
  options: MaskOptions,
): Promise<MaskSamples> {
  try {
    const header = await readHeader(bytes, options);
    const isTurned = header.orientation !== 1 &&
      (header.format === "TIFF" || options.ignoreOrientation !== true);
    const how = { ...options, isTurned };
    const samples = await readSamples(header, how);
    const opacity = isUniform(samples) ? await readOpacity(header, how) : null;
    return { ...samples, opacity };
  } catch (error) {
    if (!(error instanceof ImageDecodeError)) throw error;
    const message = error.message.replace(
      "decode the image",
      "decode the mask",
    );
    const { reason } = error;
    throw new ImageDecodeError(message, { cause: error, reason });
  }
}

/**
 * Decodes a mask. With two values, whatever is not black is defective; so are
 * all class numbers but 0. With shades of grey the cut lies at half of the
 * brightest value. Where the colour is one everywhere and opacity is not, the
 * opacity is the mask.
 *
 * @param bytes The file's bytes.
 * @param options The limits, and whether EXIF data of the mask counts.
 * @returns The mask.
 * @throws {ImageDecodeError} As `decodeImage` does.
 */
export async function decodeMask(
  bytes: Uint8Array,
  options: MaskOptions = {},
): Promise<DecodedMask> {
  const samples = await readMaskSamples(bytes, options);
  const { width, height } = samples;
  const { opacity } = samples;
  const isAlpha = opacity?.some((value) => value !== opacity[0]) ?? false;
  const values = opacity !== null && isAlpha ? opacity : valuesOf(samples);
  const { threshold, isCut } = thresholdOf(values);
  const data = new Uint8Array(values.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = values[i]! >= threshold ? 1 : 0;
  }
  return { width, height, data, isCut, isAlpha };
}

/**
 * Resizes a mask as the field does: bilinearly (as Pillow), then cut at one
 * half. Small defects can vanish.
 *
 * @param mask The mask.
 * @param size The new size, or the side of a square, in pixels.
 * @returns 0 or 1 for each pixel, `[height, width]`.
 * @throws {RangeError} If a side is not a positive integer.
 */
export function resizeMask(mask: Mask, size: number | ImageSize): Uint8Array {
  const { width, height } = typeof size === "number"
    ? { width: size, height: size }
    : size;
  const data = mask.data.map((value) => value === 0 ? 0 : 255);
  const raster = { ...mask, channels: 1, data };
  return resample(raster, { width, height, filter: BILINEAR }).data
    .map((value) => value > 127 ? 1 : 0);
}
