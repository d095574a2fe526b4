/**
 * Samples of a data set at the resolution of a model.
 *
 * @module
 */
import {
  DataSetError,
  IMAGE_NOTES,
  type ImageNote,
  MaskError,
  type MaskNote,
  type Sample,
  type SampleImage,
} from "../data/sample.ts";
import type { ImageSize } from "../image/image.ts";
import { resizeMask } from "../image/mask.ts";
import {
  type ImageLayer,
  type LaidImage,
  layFile,
  layImage,
} from "./image_detector.ts";
import { assertInside } from "./output_folder.ts";

/** A sample at the model's resolution, as the model reads it. */
export interface PreparedImage extends LaidImage {
  /** Key, category and label; not decoded again. */
  readonly sample: Sample;
  /** Pixels per row of the image as it was. */
  readonly width: number;
  /** Rows of the image as it was. */
  readonly height: number;
  /**
   * 1 where the product is defective and it counts; null where there is no
   * mask.
   */
  readonly mask: Uint8Array | null; // [map.height, map.width]
  /** Notes on the mask, or why it could not be used. */
  readonly maskNotes: readonly MaskNote[];
  /** Notes on the image's file. */
  readonly imageNotes: readonly ImageNote[];
  /** The largest sample of a file of 16 bits that was read as such. */
  readonly largestSample: number | null;
  /** What the decoder said of damage that it could read past. */
  readonly damage: string | null;
}

/** A sample that cannot be read. */
export interface UnreadableImage {
  /** Key, category and label; not decoded again. */
  readonly sample: Sample;
  /** The reason, in one sentence. */
  readonly error: string;
}

/** What the decoder told of the image's file. */
function fileFacts(
  { orientation = 1, furtherPages = 0, largestSample, damage }: Omit<
    SampleImage,
    "data"
  >,
): Pick<PreparedImage, "imageNotes" | "largestSample" | "damage"> {
  const notes: Record<ImageNote, boolean> = {
    turned: orientation !== 1,
    damaged: damage !== undefined,
    further_pages: furtherPages > 0,
    sixteen_bits: largestSample !== undefined,
  };
  return {
    imageNotes: IMAGE_NOTES.filter((note) => notes[note]),
    largestSample: largestSample ?? null,
    damage: damage ?? null,
  };
}

/**
 * Decodes and resizes the mask of a defective image. One that cannot be used
 * costs its image nothing else.
 *
 * @param sample The image.
 * @param image Its size.
 * @param laid The size of its map, and what of it counts.
 */
export async function prepareMask(
  sample: Sample,
  image: ImageSize,
  { map, frame }: Pick<LaidImage, "map" | "frame">,
): Promise<Pick<PreparedImage, "mask" | "maskNotes">> {
  if (sample.mask === null || sample.label !== 1) {
    return { mask: null, maskNotes: [] };
  }
  try {
    const mask = await sample.mask();
    if (mask.width !== image.width || mask.height !== image.height) {
      return { mask: null, maskNotes: ["other_size"] };
    }
    const resized = resizeMask(mask, map);
    frame?.counted?.forEach((counted, i) => resized[i]! &= counted);
    return { mask: resized, maskNotes: mask.notes ?? [] };
  } catch (error) {
    if (!(error instanceof MaskError)) throw error;
    return { mask: null, maskNotes: [error.fault] };
  }
}

/**
 * Decodes and resizes a sample.
 *
 * @param sample The sample.
 * @param detector Lays images before its model.
 * @returns The image.
 * @throws {Error} If the image cannot be read, or its key leads out of a
 * folder.
 */
export async function prepareSample(
  sample: Sample,
  detector: ImageLayer,
): Promise<PreparedImage> {
  assertInside(sample.key);
  const { category } = sample;
  const image = await sample.image((bytes, options) =>
    layFile(detector, bytes, { ...options, category })
  );
  const laid = "pixels" in image ? image : layImage(detector, image, category);
  const { width, height } = image;
  const { pixels, map, frame } = laid;
  const truth = await prepareMask(sample, image, laid);
  return {
    sample,
    width,
    height,
    pixels,
    map,
    ...frame && { frame },
    ...truth,
    ...fileFacts(image),
  };
}

/** Too many open files are no fault of an image. */
function isOfMachine(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return code === "EMFILE" || code === "ENFILE";
}

/**
 * Decodes and resizes a sample. An error of this image alone is returned; an
 * error of the whole data set is thrown.
 *
 * @param sample The sample.
 * @param detector Lays images before its model.
 * @returns The image, or why it cannot be read.
 * @throws {DataSetError} If the data set itself cannot be read any further.
 */
export async function prepare(
  sample: Sample,
  detector: ImageLayer,
): Promise<PreparedImage | UnreadableImage> {
  try {
    return await prepareSample(sample, detector);
  } catch (error) {
    if (error instanceof DataSetError || isOfMachine(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return { sample, error: reason };
  }
}
