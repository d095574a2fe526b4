/**
 * The small pictures that a report shows of an image.
 *
 * @module
 */
import { colourise } from "../image/colour_map.ts";
import { encodeJpeg, encodePng } from "../image/encode.ts";
import type { RgbImage } from "../image/image.ts";
import { resizeBicubic } from "../image/resample.ts";
import type { Gallery, GalleryItem } from "../results/gallery.ts";
import type { PreparedImage } from "./prepare.ts";
import type { EvaluatedImage } from "./evaluate_images.ts";

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
  { width, height, side }: PreparedImage,
): { width: number; height: number } {
  const scale = Math.min(LONGER_SIDE, side) / Math.max(width, height);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/**
 * Makes the thumbnails of an image, its mask and its heatmap.
 *
 * @param image The image at the model's resolution.
 * @param heatmap The coloured anomaly map at the model's resolution.
 * @returns JPEG and PNG bytes, all of the same size.
 */
export async function shrinkPictures(
  image: PreparedImage,
  heatmap: RgbImage,
): Promise<Pick<GalleryItem, "image" | "mask" | "heatmap">> {
  const { width, height } = thumbnailSize(image);
  function shrink(data: Uint8Array): RgbImage {
    const side = Math.sqrt(data.length / 3);
    return resizeBicubic({ width: side, height: side, data }, width, height);
  }
  const [photo, mask, map] = await Promise.all([
    encodeJpeg(shrink(image.pixels)),
    image.mask && encodePng(shrink(greyToRgb(image.mask))),
    encodePng(shrink(heatmap.data)),
  ]);
  return { image: photo, mask, heatmap: map };
}

/** Options of {@linkcode showIn}. */
export interface ThumbnailOptions {
  /** The values of the first and the last colour of heatmaps. */
  readonly heatRange: readonly [number, number];
}

/**
 * Makes the thumbnails of an image and shows them in a gallery, if the gallery
 * would keep them.
 *
 * @param gallery Shows the image.
 * @param found The image and its maps.
 * @param options The range of colours.
 */
export async function showIn(
  gallery: Gallery,
  { row: { key, category, label }, image, detection }: EvaluatedImage,
  { heatRange }: ThumbnailOptions,
): Promise<void> {
  const { imageScore: score, scoreLogit: score_logit } = detection;
  const candidate = { key, category, label, score_logit };
  if (!gallery.wants(candidate)) return;
  const { side } = image;
  const size = { width: side, height: side, range: heatRange };
  const heatmap = colourise(detection.anomalyMap, size);
  const pictures = await shrinkPictures(image, heatmap);
  gallery.offer({ ...candidate, score, ...pictures });
}
