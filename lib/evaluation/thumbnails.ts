/**
 * The small pictures that a report shows of an image.
 *
 * @module
 */
import { colourise } from "../image/colour_map.ts";
import { encodeJpeg, encodePng } from "../image/encode.ts";
import type { RgbImage } from "../image/image.ts";
import { resizeBicubic } from "../image/resample.ts";
import type { GalleryItem } from "../results/gallery.ts";
import type { Detection } from "../detector/detector.ts";
import type { PreparedImage } from "./prepare.ts";

/** The longer side of a thumbnail, in pixels. */
const LONGER_SIDE = 240;

function greyToRgb(values: Uint8Array): Uint8Array {
  const data = new Uint8Array(values.length * 3); // [side, side, 3]
  for (let i = 0; i < values.length; i++) {
    data.fill(values[i] === 0 ? 0 : 255, i * 3, i * 3 + 3);
  }
  return data;
}

/** The size of thumbnails of an image, in the image's own proportions. */
function thumbnailSize(
  { width, height }: PreparedImage,
  side: number,
): { width: number; height: number } {
  const scale = Math.min(LONGER_SIDE, side) / Math.max(width, height);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** Options of {@linkcode makeThumbnails}. */
export interface ThumbnailOptions {
  /** Pixels per row and column at the model's resolution. */
  readonly side: number;
  /** The values shown by the first and by the last colour. */
  readonly heatRange: readonly [number, number];
}

/**
 * Makes the thumbnails of an image, its mask and its heatmap.
 *
 * @param image The image at the model's resolution
 * @param heatmap The coloured anomaly map at the model's resolution
 * @returns JPEG and PNG bytes, all of the same size
 */
export async function shrinkPictures(
  image: PreparedImage,
  heatmap: RgbImage,
): Promise<Pick<GalleryItem, "image" | "mask" | "heatmap">> {
  const side = heatmap.width;
  const { width, height } = thumbnailSize(image, side);
  function shrink(data: Uint8Array): RgbImage {
    return resizeBicubic({ width: side, height: side, data }, width, height);
  }
  const [photo, mask, map] = await Promise.all([
    encodeJpeg(shrink(image.pixels)),
    image.mask && encodePng(shrink(greyToRgb(image.mask))),
    encodePng(shrink(heatmap.data)),
  ]);
  return { image: photo, mask, heatmap: map };
}

/**
 * Makes the thumbnails of an image, its mask and its anomaly map.
 *
 * @param image The image at the model's resolution
 * @param detection What the detector made of it
 * @param options The model's resolution and the range of colours
 * @returns JPEG and PNG bytes, all of the same size
 */
export function makeThumbnails(
  image: PreparedImage,
  detection: Detection,
  { side, heatRange }: ThumbnailOptions,
): Promise<Pick<GalleryItem, "image" | "mask" | "heatmap">> {
  const size = { width: side, height: side, range: heatRange };
  return shrinkPictures(image, colourise(detection.anomalyMap, size));
}
