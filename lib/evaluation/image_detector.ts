/**
 * What an evaluation needs of a detector.
 *
 * @module
 */
import type { Detector } from "../detector/detector.ts";

/**
 * A detector whose `detect` may be called again before it has answered; without
 * a number of sessions it has one.
 */
export type ImageDetector =
  & Pick<Detector, "side" | "preprocess" | "detect">
  & Partial<Pick<Detector, "sessions">>;
