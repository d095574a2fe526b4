/**
 * Ground-truth masks.
 *
 * @module
 */
import { ImageDecodeError, type Mask } from "./image.ts";
import { BILINEAR, resample } from "./resample.ts";
import { readSamples, type SampleOptions, type Samples } from "./samples.ts";

/** Rec. 601 luma in 16-bit fixed point, as Pillow's `convert("L")`. */
function isLit(red: number, green: number, blue: number): boolean {
  return red * 19595 + green * 38470 + blue * 7471 + 0x8000 >= 1 << 16;
}

function litPixels(samples: Samples): Uint8Array {
  const { width, height, space, data } = samples;
  const lit = new Uint8Array(width * height);
  if (space === "grey") {
    for (let i = 0; i < lit.length; i++) lit[i] = data[i] === 0 ? 0 : 1;
    return lit;
  }
  if (space === "cmyk") {
    throw new ImageDecodeError(
      "Cannot decode the mask as its colours must be grey or RGB: current value is CMYK",
    );
  }
  const shift = data instanceof Uint16Array ? 8 : 0;
  for (let i = 0, at = 0; i < lit.length; i++, at += 3) {
    const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
    lit[i] = isLit(red >> shift, green >> shift, blue >> shift) ? 1 : 0;
  }
  return lit;
}

async function readMaskSamples(
  bytes: Uint8Array,
  options: SampleOptions,
): Promise<Samples> {
  try {
    return await readSamples(bytes, options);
  } catch (error) {
    if (!(error instanceof ImageDecodeError)) throw error;
    const message = error.message.replace(
      "decode the image",
      "decode the mask",
    );
    throw new ImageDecodeError(message, { cause: error });
  }
}

/**
 * Decodes a mask: whatever is not black once converted to grey is defective.
 * Class numbers (as in VisA) and any other values than 255 are therefore fine.
 *
 * @param bytes The file's bytes.
 * @param options The limit on pixels.
 * @returns The mask.
 * @throws {ImageDecodeError} As `decodeImage` does.
 */
export async function decodeMask(
  bytes: Uint8Array,
  options: SampleOptions = {},
): Promise<Mask> {
  const samples = await readMaskSamples(bytes, options);
  const { width, height } = samples;
  return { width, height, data: litPixels(samples) };
}

/**
 * Resizes a mask to a square as the field does: bilinearly (as Pillow), then
 * cut at one half. Small defects can vanish.
 *
 * @param mask The mask.
 * @param side The side of the square in pixels.
 * @returns 0 or 1 for each pixel, `[side, side]`.
 * @throws {RangeError} If the side is not a positive integer.
 */
export function resizeMask(mask: Mask, side: number): Uint8Array {
  const { width, height } = mask;
  const data = mask.data.map((value) => value === 0 ? 0 : 255);
  const raster = { width, height, channels: 1, data };
  const size = { width: side, height: side, filter: BILINEAR };
  return resample(raster, size).data.map((value) => value > 127 ? 1 : 0);
}
