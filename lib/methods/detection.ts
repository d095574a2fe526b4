/**
 * Inputs and results of a detector.
 *
 * @module
 */

/** An image for `Detector.detect()`. */
export interface DetectorInput {
  /** What `Detector.preprocess()` returned. */
  readonly pixels: Uint8Array; // [H, H, 3]
  /** The word for the product. */
  readonly category: string;
  /**
   * Name of the memory of good images to compare with, if it is not that of the
   * category.
   */
  readonly memory?: string | undefined;
}

/** Maps and scores of one image. */
export interface Detection {
  /** Anomaly map M, from 0 (normal) to 1. */
  readonly anomalyMap: Float32Array; // [side, side]
  /** log M - log(1 - M): it ranks where M saturates. */
  readonly logitMap: Float32Array; // [side, side]
  /**
   * Image score S: the maximum of M before smoothing, or what the method takes
   * in its place.
   */
  readonly imageScore: number;
  /** The same as log odds. */
  readonly scoreLogit: number;
  /** Time in the session, shared equally by the images of a batch. */
  readonly milliseconds: number;
}

/**
 * Tells why a detection cannot be used as a score.
 *
 * @param detection What the detector found.
 * @returns One sentence, or null where every value is a number.
 */
export function detectionError(
  { imageScore, scoreLogit, anomalyMap, logitMap }: Detection,
): string | null {
  const hasNaN = Number.isNaN(imageScore) || Number.isNaN(scoreLogit) ||
    anomalyMap.includes(NaN) || logitMap.includes(NaN);
  return hasNaN ? "Cannot score the image as the model's map holds NaN" : null;
}
