/**
 * What every data set is reduced to: a stream of samples.
 *
 * @module
 */
import type { Mask, RgbImage } from "../image/image.ts";

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
   * Decodes the image.
   *
   * @throws {ImageDecodeError} If the bytes are not an acceptable image.
   */
  image(): Promise<RgbImage>;
  /**
   * Decodes the ground-truth mask, at the image's own size; null where the
   * data set has none.
   */
  readonly mask: (() => Promise<Mask>) | null;
}

/** A data set, listed but not yet read. */
export interface DataSet {
  /** Name shown in reports. */
  readonly name: string;
  /** All categories, sorted by code units. */
  readonly categories: readonly string[];
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
