/**
 * The small pictures that a report shows of an image.
 *
 * @module
 */
import { joinPixels } from "../framing/frame_image.ts";
import { colourise, heatOpacity } from "../image/colour_map.ts";
import {
  encodePng,
  encodeThumbnail,
  encodeTransparentPng,
} from "../image/encode.ts";
import type { ImageSize, RgbImage } from "../image/image.ts";
import { BILINEAR, resample, resizeBicubic } from "../image/resample.ts";
import type { Gallery, GalleryItem } from "../results/gallery.ts";
import { colouredMap, type HeatColours } from "../results/heat_colours.ts";
import type { PreparedImage } from "./prepare.ts";
import type { EvaluatedImage } from "./evaluate_images.ts";

/**
 * The longer side of a photograph in a report, in pixels: a scratch can be seen,
 * and 200 images are a page of about 15 MB.
 */
const PHOTO_SIDE = 640;

/** The same of its map and mask, which are smooth or coarse. */
const MAP_SIDE = 240;

function greyToRgb(values: Uint8Array): Uint8Array {
  const data = new Uint8Array(values.length * 3);
  for (let i = 0; i < values.length; i++) {
    data.fill(values[i] === 0 ? 0 : 255, i * 3, i * 3 + 3);
  }
  return data;
}

/** Images longer than that have a longer picture, of about the same bytes. */
const LONG = 4;

/**
 * A size in the same proportions whose longer side is at most this, if the image
 * is not very long.
 */
function within({ width, height }: ImageSize, usual: number): ImageSize {
  const aspect = Math.max(width, height) / Math.min(width, height);
  const longest = usual * Math.sqrt(Math.max(aspect / LONG, 1));
  const scale = Math.min(longest / Math.max(width, height), 1);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** What thumbnails are made of. */
export interface ThumbnailParts {
  /** The photograph. */
  readonly photo: RgbImage;
  /** The ground-truth mask at the model's resolution; null for none. */
  readonly mask: Uint8Array | null; // [heatmap.height, heatmap.width]
  /** The coloured anomaly map at the model's resolution. */
  readonly heatmap: RgbImage;
}

/**
 * Makes the thumbnails of an image, its mask and its heatmap, in the proportions
 * of the photograph.
 *
 * @param parts Photograph, mask and map.
 * @returns JPEG and PNG bytes.
 */
export async function shrinkPictures(
  { photo, mask, heatmap }: ThumbnailParts,
): Promise<Pick<GalleryItem, "image" | "mask" | "heatmap">> {
  const { width, height } = heatmap;
  const small = within(photo, Math.min(MAP_SIDE, Math.max(width, height)));
  const shrink = (data: Uint8Array) =>
    resizeBicubic({ width, height, data }, small.width, small.height);
  const shrinkGrey = (data: Uint8Array) =>
    resample(
      { width, height, channels: 1, data },
      { ...small, filter: BILINEAR },
    ).data;
  const [image, truth, map] = await Promise.all([
    encodeThumbnail(photo, within(photo, PHOTO_SIDE)),
    mask && encodePng(shrink(greyToRgb(mask))),
    encodeTransparentPng(
      shrink(heatmap.data),
      shrinkGrey(heatOpacity(heatmap)),
    ),
  ]);
  return { image, mask: truth, heatmap: map };
}

/** Options of {@linkcode showIn}. */
export interface ThumbnailOptions {
  /** The colours of heatmaps. */
  readonly colours: HeatColours;
}

/**
 * Makes the thumbnails of an image and shows them in a gallery, if the gallery
 * would keep them. The image is read once more: few are shown of many.
 *
 * @param gallery Shows the image.
 * @param found The image and its maps.
 * @param options The colours.
 */
export async function showIn(
  gallery: Gallery,
  { row, image, detection }: EvaluatedImage,
  { colours }: ThumbnailOptions,
): Promise<void> {
  const { key, category, label } = row;
  const { imageScore: score, scoreLogit: score_logit } = detection;
  const candidate = { key, category, label, score_logit };
  if (!gallery.wants(candidate)) return;
  const { map, mask } = image;
  const heatmap = colourise(colouredMap(detection, colours), {
    ...map,
    range: colours.range,
  });
  const photo = await photoOf(image);
  const pictures = await shrinkPictures({ photo, mask, heatmap });
  const { width, height } = image;
  const sizes = { width, height };
  gallery.offer({ ...row, ...candidate, ...sizes, score, ...pictures });
}

/**
 * The photograph of an image that was scored; should it be gone by now, what the
 * model saw of it.
 */
export async function photoOf(
  { sample, map, pixels, frame, width, height }: PreparedImage,
): Promise<RgbImage> {
  try {
    return await sample.image();
  } catch {
    const side = Math.sqrt(pixels.length / 3);
    const seen = frame === undefined
      ? { width: side, height: side, data: pixels }
      : joinPixels({ pixels, frame });
    const longest = Math.max(map.width, map.height);
    const size = within({ width, height }, longest);
    return resizeBicubic(seen, size.width, size.height);
  }
}
