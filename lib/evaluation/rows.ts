/**
 * Rows of images with a score, and of those without.
 *
 * @module
 */
import type { Sample } from "../data/sample.ts";
import type { Detection } from "../detector/detector.ts";
import { regionsOfDefective } from "../results/regions.ts";
import type { ScoreRow } from "../results/summary.ts";
import { type Criteria, judge, type JudgedRow } from "../results/verdict.ts";
import type { PreparedImage } from "./prepare.ts";

/** What is known of an image before it is judged. */
export interface JudgedImage extends Pick<PreparedImage, "map"> {
  /** Its product. */
  readonly category: string;
  /** Pixels per row of the image as it was. */
  readonly width: number;
  /** Rows of the image as it was. */
  readonly height: number;
}

/**
 * Judges an image and finds its regions.
 *
 * @param image The image.
 * @param detection What the detector found.
 * @param criteria The thresholds, if there are some.
 * @returns The verdict; nothing without thresholds.
 */
export function judgeDetection(
  { category, width, height, map: size }: JudgedImage,
  { scoreLogit, logitMap }: Pick<Detection, "scoreLogit" | "logitMap">,
  criteria: Criteria | undefined,
): Partial<JudgedRow> {
  if (criteria === undefined) return {};
  const criterion = criteria(category);
  const verdict = judge(scoreLogit, criterion);
  if (criterion === undefined || !verdict.is_anomalous) {
    return { ...verdict, regions: null };
  }
  const { width: columns, height: rows } = size;
  const map = { logitMap, columns, rows, width, height };
  const regions = regionsOfDefective(map, criterion.pixelThreshold);
  return { ...verdict, regions };
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
    ...judgeDetection({ ...image, category }, detection, criteria),
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
