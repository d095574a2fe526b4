/**
 * What an evaluation needs of a detector.
 *
 * @module
 */
import type { Detector, FramedInput } from "../detector/detector.ts";
import type { ImageSize, RgbImage } from "../image/image.ts";

/**
 * The part of a detector that an evaluation uses. `detect` is called again
 * before it has answered, so that each of its sessions has work. One without
 * `framing` sees images stretched to its square.
 */
export type ImageDetector =
  & Pick<Detector, "side" | "preprocess" | "detect" | "sessions">
  & Partial<Pick<Detector, "framing">>;

/** The part of a detector that lays images before its model. */
export type ImageLayer = Pick<
  ImageDetector,
  "side" | "preprocess" | "framing"
>;

/** An image as the model reads it, and the size of its maps. */
export type LaidImage = Omit<FramedInput, "category"> & {
  /** Size of the maps, which cover the whole image. */
  readonly map: ImageSize;
};

/**
 * Lays an image before a model.
 *
 * @param layer The detector.
 * @param image The image.
 * @param category The word for the product.
 * @throws {ImageDecodeError} If its region of interest does not fit it, or it
 * is too long.
 */
export function layImage(
  layer: ImageLayer,
  image: RgbImage,
  category: string,
): LaidImage {
  const { side, framing } = layer;
  if (framing === undefined) {
    const map = { width: side, height: side };
    return { pixels: layer.preprocess(image), map };
  }
  const framed = framing.frame(image, category);
  return { ...framed, map: framed.frame.map };
}
