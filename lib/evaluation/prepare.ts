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
import type { ImageDetector } from "./image_detector.ts";
import { assertInside } from "./output_folder.ts";

/** A sample at the model's resolution. */
export interface PreparedImage {
  /** Key, category and label; not decoded again. */
  readonly sample: Sample;
  /** Pixels per row of the image as it was. */
  readonly width: number;
  /** Rows of the image as it was. */
  readonly height: number;
  /** Pixels per row and column of maps and mask. */
  readonly side: number;
  /** RGB bytes as the model reads them. */
  readonly pixels: Uint8Array; // [H, H, 3]
  /** 1 where the product is defective; null where there is no mask. */
  readonly mask: Uint8Array | null; // [side, side]
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
  { orientation = 1, furtherPages = 0, largestSample, damage }: SampleImage,
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

/** A mask that cannot be used costs its image nothing else. */
async function prepareMask(
  sample: Sample,
  image: ImageSize,
  side: number,
): Promise<Pick<PreparedImage, "mask" | "maskNotes">> {
  if (sample.mask === null || sample.label !== 1) {
    return { mask: null, maskNotes: [] };
  }
  try {
    const mask = await sample.mask();
    if (mask.width !== image.width || mask.height !== image.height) {
      return { mask: null, maskNotes: ["other_size"] };
    }
    return { mask: resizeMask(mask, side), maskNotes: mask.notes ?? [] };
  } catch (error) {
    if (!(error instanceof MaskError)) throw error;
    return { mask: null, maskNotes: [error.fault] };
  }
}

/**
 * Decodes and resizes a sample.
 *
 * @param sample The sample.
 * @param detector Resizes to the model's resolution.
 * @returns The image.
 * @throws {Error} If the image cannot be read, or its key leads out of a
 * folder.
 */
export async function prepareSample(
  sample: Sample,
  detector: Pick<ImageDetector, "side" | "preprocess">,
): Promise<PreparedImage> {
  assertInside(sample.key);
  const image = await sample.image();
  const { width, height } = image;
  const pixels = detector.preprocess(image);
  const { side } = detector;
  const truth = await prepareMask(sample, image, side);
  return {
    sample,
    width,
    height,
    side,
    pixels,
    ...truth,
    ...fileFacts(image),
  };
}

/**
 * Decodes and resizes a sample. An error of this image alone is returned; an
 * error of the whole data set is thrown.
 *
 * @param sample The sample.
 * @param detector Resizes to the model's resolution.
 * @returns The image, or why it cannot be read.
 * @throws {DataSetError} If the data set itself cannot be read any further.
 */
export async function prepare(
  sample: Sample,
  detector: Pick<ImageDetector, "side" | "preprocess">,
): Promise<PreparedImage | UnreadableImage> {
  try {
    return await prepareSample(sample, detector);
  } catch (error) {
    if (error instanceof DataSetError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return { sample, error: reason };
  }
}
