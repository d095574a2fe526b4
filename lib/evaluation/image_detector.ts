/**
 * What an evaluation needs of a detector.
 *
 * @module
 */
import type { Detector } from "../detector/detector.ts";

/**
 * The part of a detector that an evaluation uses. `detect` is called again
 * before it has answered, so that each of its sessions has work.
 */
export type ImageDetector = Pick<
  Detector,
  "side" | "preprocess" | "detect" | "sessions"
>;
