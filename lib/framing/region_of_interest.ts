/**
 * Regions of interest: outside them nothing counts.
 *
 * @module
 */
import {
  ImageDecodeError,
  type ImageSize,
  type Mask,
  type RgbImage,
} from "../image/image.ts";
import { resizeMask } from "../image/mask.ts";

/**
 * Checks that a region fits an image.
 *
 * @param region The region, in the image's own pixels.
 * @param image The size of the image as it is shown.
 * @throws {ImageDecodeError} If it is of another size.
 */
export function assertRegion(region: Mask, image: ImageSize): void {
  const { width, height } = region;
  if (width === image.width && height === image.height) return;
  const isTurned = width === image.height && height === image.width;
  throw new ImageDecodeError(
    `Cannot look at the image as its region of interest must have its size ` +
      `as it is read, ${image.width} x ${image.height}: current value is ` +
      `${width} x ${height}${isTurned ? " (EXIF may have turned it)" : ""}`,
  );
}

/** Mean colour inside a region. */
function meanInside(
  { data }: RgbImage,
  region: Mask,
): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  let count = 0;
  region.data.forEach((inside, i) => {
    if (inside === 0) return;
    count++;
    for (let c = 0; c < 3; c++) sums[c]! += data[3 * i + c]!;
  });
  const mean = (sum: number) => Math.round(sum / Math.max(count, 1));
  return [mean(sums[0]), mean(sums[1]), mean(sums[2])];
}

/**
 * Paints all outside a region in the mean colour inside it. Networks look at
 * an image as a whole, so that what lies outside would change the map inside.
 *
 * @param image The image.
 * @param region The region.
 * @returns A new image.
 */
export function paintOutside(image: RgbImage, region: Mask): RgbImage {
  const colour = meanInside(image, region);
  const data = image.data.slice();
  region.data.forEach((inside, i) => {
    if (inside === 0) data.set(colour, 3 * i);
  });
  return { ...image, data };
}

/**
 * Which pixels of a map lie in a region by half or more.
 *
 * @param region The region.
 * @param map The size of the map.
 * @returns 1 for each that counts; null where all do.
 * @throws {ImageDecodeError} If none does.
 */
export function countedPixels(
  region: Mask,
  map: ImageSize,
): Uint8Array | null {
  const counted = resizeMask(region, map);
  if (!counted.includes(1)) {
    throw new ImageDecodeError(
      `Cannot look at the image as its region of interest must cover a pixel ` +
        `of its map, ${map.width} x ${map.height}: it covers none by half`,
    );
  }
  return counted.includes(0) ? counted : null;
}
