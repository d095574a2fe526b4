/**
 * What every data set is reduced to: a stream of samples.
 *
 * @module
 */
import type { DecodedImage, DecodeOptions } from "../image/decode.ts";
import {
  ImageDecodeError,
  type ImageSize,
  type Mask,
  type RgbImage,
} from "../image/image.ts";

/** Why a mask takes no part in figures of pixels. */
export const MASK_FAULTS = [
  "absent",
  "unreadable",
  "other_size",
  "empty",
] as const;

/** Why a mask takes no part in figures of pixels. */
export type MaskFault = typeof MASK_FAULTS[number];

/** All that is counted of masks: faults, and what may be no fault. */
export const MASK_NOTES = [
  "absent",
  "unreadable",
  "other_size",
  "empty",
  "large",
  "grey",
  "alpha",
  "turned_image",
] as const;

/**
 * What is counted of masks: a fault, `large` for one over most of its image,
 * `grey` for one with more than two values, cut at half of their range, `alpha`
 * for one in the channel of opacity, `turned_image` for one that fits its image
 * both as EXIF turns it and as it is stored.
 */
export type MaskNote = typeof MASK_NOTES[number];

/** What is counted of images whose file holds more or other than it seems. */
export const IMAGE_NOTES = [
  "turned",
  "damaged",
  "further_pages",
  "sixteen_bits",
] as const;

/**
 * What is counted of images: `turned` upright as EXIF says, `damaged` but read
 * past the damage, with `further_pages` that are not read, or of
 * `sixteen_bits`.
 */
export type ImageNote = typeof IMAGE_NOTES[number];

/** An image, and what its decoder told of the file. */
export type SampleImage =
  & RgbImage
  & Partial<Omit<DecodedImage, keyof RgbImage>>;

/** The ground truth of one image. */
export interface GroundTruth extends Mask {
  /** What the user should know of it. */
  readonly notes?: readonly MaskNote[];
}

/** Thrown when the mask of an image cannot be used; the image can. */
export class MaskError extends ImageDecodeError {
  /** What is wrong. */
  readonly fault: MaskFault;

  /**
   * Makes an error.
   *
   * @param fault What is wrong.
   * @param message The same as a sentence.
   * @param options What caused it.
   */
  constructor(fault: MaskFault, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.fault = fault;
  }
}

/** Decodes the file of an image to what a model reads. */
export type DecodeFile<T> = (
  bytes: Uint8Array,
  options: DecodeOptions,
) => Promise<T & LaidFile>;

/** What every decoder of a file tells. */
export interface LaidFile extends ImageSize, Pick<DecodedImage, "orientation"> {
  /** RGB bytes as a model reads them. */
  readonly pixels: Uint8Array;
}

/** One image of a data set, decoded only when asked for. */
export interface Sample {
  /** Path below the data root with `/`, unique in its data set. */
  readonly key: string;
  /** Product the image shows, as the data set spells it. */
  readonly category: string;
  /** 1 defective, 0 good, null where the data set does not say. */
  readonly label: 0 | 1 | null;
  /** Defect kind as the data set spells it, null where it does not say. */
  readonly defect: string | null;
  /**
   * Decodes the image, or has its file decoded where there is one.
   *
   * @typeParam T What a model reads.
   * @param decode Decodes a file to that at once.
   * @throws {ImageDecodeError} If the bytes are not an acceptable image.
   */
  image<T>(decode: DecodeFile<T>): Promise<SampleImage | (T & LaidFile)>;
  /**
   * Decodes the image.
   *
   * @throws {ImageDecodeError} If the bytes are not an acceptable image.
   */
  image(): Promise<SampleImage>;
  /**
   * Decodes the ground-truth mask, at the image's own size; null where the
   * data set has none.
   *
   * @throws {MaskError} If it cannot be used.
   */
  readonly mask: (() => Promise<GroundTruth>) | null;
}

/** Images of one category by what is known of them. */
export interface ImageCounts {
  /** Images labelled good. */
  readonly good: number;
  /** Images labelled defective. */
  readonly defective: number;
  /** Images without a label. */
  readonly unlabelled: number;
  /** Defective images with a mask. */
  readonly masks: number;
}

/** How a data set was read, so that its owner can see whether that is right. */
export interface Reading {
  /** What its layout is called. */
  readonly layout: string;
  /** Counts by category. */
  readonly categories: Readonly<Record<string, ImageCounts>>;
  /** What its owner should know, one sentence each. */
  readonly notes: readonly string[];
}

/** A data set, listed but not yet read. */
export interface DataSet {
  /** Name shown in reports. */
  readonly name: string;
  /** All categories, sorted by code units. */
  readonly categories: readonly string[];
  /** How the data set was read; absent where it is drawn. */
  readonly reading?: Reading;
  /** How many samples {@linkcode DataSet.samples} yields. */
  readonly size: number;
  /**
   * Yields each sample once. Folders and zip archives yield in key order;
   * tar streams yield in archive order.
   */
  samples(): AsyncIterable<Sample>;
}

/** Thrown when a data set cannot be opened as what it was said to be. */
export class DataSetError extends Error {
  /** The name that stack traces show. */
  override name = "DataSetError";
}
