/**
 * Rows of images with a score, and of those without.
 *
 * @module
 */
import type { Sample } from "../data/sample.ts";
import type { Detection } from "../detector/detector.ts";
import { findRegions } from "../results/regions.ts";
import type { ScoreRow } from "../results/summary.ts";
import { type Criteria, judge, type JudgedRow } from "../results/verdict.ts";
import type { PreparedImage } from "./prepare.ts";

/** The verdict on an image; nothing where a run has no thresholds. */
function judged(
  { sample: { category }, width, height, side }: PreparedImage,
  { scoreLogit, logitMap }: Detection,
  criteria: Criteria | undefined,
): Partial<JudgedRow> {
  if (criteria === undefined) return {};
  const criterion = criteria(category);
  const verdict = judge(scoreLogit, criterion);
  if (criterion === undefined || !verdict.is_anomalous) {
    return { ...verdict, regions: null };
  }
  const map = { logitMap, columns: side, rows: side, width, height };
  const threshold = criterion.pixelThreshold;
  return { ...verdict, regions: findRegions(map, { threshold }) };
}

/**
 * Makes the row of an image with a score.
 *
 * @param image The image.
 * @param detection What the detector found.
 * @param criteria The thresholds of the run, if it has some.
 * @returns The row.
 */
export function scoredRow(
  image: PreparedImage,
  detection: Detection,
  criteria?: Criteria,
): ScoreRow {
  const { sample: { key, category, label }, width, height } = image;
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
    ...image.damage !== null && { note: image.damage },
    ...judged(image, detection, criteria),
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
