/**
 * What goes into a detector, and what comes out.
 *
 * @module
 */

/** One image to look at. */
export interface DetectorInput {
  /** What `Detector.preprocess()` returned. */
  readonly pixels: Uint8Array; // [side, side, 3]
  /** What the product is called. */
  readonly category: string;
}

/** What was seen in one image. */
export interface Detection {
  /** Anomaly map M, from 0 (normal) to 1. */
  readonly anomalyMap: Float32Array; // [side, side]
  /** log M - log(1 - M): it ranks where M saturates. */
  readonly logitMap: Float32Array; // [side, side]
  /** Image score S, the maximum of M before smoothing. */
  readonly imageScore: number;
  /** The same on the logit map. */
  readonly scoreLogit: number;
  /** Time in the session, shared equally by the images of a batch. */
  readonly milliseconds: number;
}
