/**
 * What an evaluation needs of a detector.
 *
 * @module
 */
import type { FramedFile } from "../detector/detect_tiles.ts";
import type { Detector, FramedInput } from "../detector/detector.ts";
import { decodeLaid, type NamedDecoding } from "../detector/image_source.ts";
import type { ImageSize, RgbImage } from "../image/image.ts";

/** Lays files before a model by itself, as one of another thread does. */
export interface FileLayer {
  /** As {@linkcode layFile} does, for every file. */
  layFile?(bytes: Uint8Array, options: NamedDecoding): Promise<LaidImageFile>;
}

/**
 * The part of a detector that an evaluation uses. `detect` is called again
 * before it has answered, so that each of its sessions has work. One without
 * `framing` sees images stretched to its square. Files are decoded by `decode`,
 * beside the event loop, where the detector has it.
 */
export type ImageDetector =
  & Pick<Detector, "side" | "preprocess" | "detect" | "sessions">
  & Partial<Pick<Detector, "framing" | "decode">>
  & FileLayer;

/** The part of a detector that lays images before its model. */
export type ImageLayer = Pick<
  ImageDetector,
  "side" | "preprocess" | "framing" | "decode" | "layFile"
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

/** The file of an image as the model reads it. */
export type LaidImageFile = LaidImage & Omit<FramedFile, "category">;

/**
 * Decodes a file and lays the image before a model.
 *
 * @param layer The detector.
 * @param bytes The file.
 * @param options The word for the product, how to decode, and how to stop.
 * @throws {ImageDecodeError} If it is not an image that is decoded, or cannot
 * be laid so.
 */
export async function layFile(
  layer: ImageLayer,
  bytes: Uint8Array,
  options: NamedDecoding,
): Promise<LaidImageFile> {
  if (layer.layFile !== undefined) return await layer.layFile(bytes, options);
  const { side, decode } = layer;
  const { category: _, ...laid } = await decodeLaid(
    {
      prepare: (image, category) => ({
        ...layImage(layer, image, category),
        category,
      }),
      ...decode && { decode: (...asked) => layer.decode!(...asked) },
    },
    bytes,
    options,
  );
  return { ...laid, map: laid.frame?.map ?? { width: side, height: side } };
}
