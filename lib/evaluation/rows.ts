/**
 * Rows of images with a score, and of those without.
 *
 * @module
 */
import type { Sample } from "../data/sample.ts";
import type { Detection } from "../detector/detector.ts";
import type { ScoreRow } from "../results/summary.ts";
import type { PreparedImage } from "./prepare.ts";

/**
 * Makes the row of an image with a score.
 *
 * @param image The image.
 * @param detection What the detector found.
 * @returns The row.
 */
export function scoredRow(
  { sample, width, height }: PreparedImage,
  detection: Detection,
): ScoreRow {
  const { key, category, label } = sample;
  return {
    key,
    category,
    label,
    score: detection.imageScore,
    score_logit: detection.scoreLogit,
    width,
    height,
    milliseconds: detection.milliseconds,
    error: null,
  };
}

/**
 * Makes the row of an image without a score.
 *
 * @param sample The image.
 * @param error The reason, in one sentence.
 * @param size Its size, where it could be read.
 * @returns The row.
 */
export function failedRow(
  { key, category, label }: Pick<Sample, "key" | "category" | "label">,
  error: string,
  size?: Pick<PreparedImage, "width" | "height">,
): ScoreRow {
  return {
    key,
    category,
    label,
    score: null,
    score_logit: null,
    width: size?.width ?? null,
    height: size?.height ?? null,
    milliseconds: null,
    error,
  };
}
