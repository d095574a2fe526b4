/**
 * Turning a mask as EXIF tells to turn its image.
 *
 * @module
 */
import type { Mask } from "./image.ts";

/** For a pixel of the turned image, the index in the stored one. */
type Lookup = (x: number, y: number, width: number, height: number) => number;

/** By EXIF's number; width and height are those of the stored image. */
const LOOKUPS: Readonly<Record<number, Lookup>> = {
  2: (x, y, width) => y * width + width - 1 - x,
  3: (x, y, width, height) => (height - 1 - y) * width + width - 1 - x,
  4: (x, y, width, height) => (height - 1 - y) * width + x,
  5: (x, y, width) => x * width + y,
  6: (x, y, width, height) => (height - 1 - x) * width + y,
  7: (x, y, width, height) => (height - 1 - x) * width + width - 1 - y,
  8: (x, y, width) => x * width + width - 1 - y,
};

/**
 * Turns a mask that was drawn on the stored image.
 *
 * @param mask The mask, in the size as stored.
 * @param orientation EXIF's number, 1 to 8; from 5 on, width and height change
 * places.
 * @returns The turned mask; the given one for 1.
 */
export function turnMask(mask: Mask, orientation: number): Mask {
  const lookup = LOOKUPS[orientation];
  if (lookup === undefined) return mask;
  const isOnSide = orientation > 4;
  const width = isOnSide ? mask.height : mask.width;
  const height = isOnSide ? mask.width : mask.height;
  const data = new Uint8Array(mask.data.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[to++] = mask.data[lookup(x, y, mask.width, mask.height)]!;
    }
  }
  return { width, height, data };
}
