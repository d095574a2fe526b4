/**
 * Verdicts: whether an image is called defective.
 *
 * @module
 */
import type { Exceedance } from "../metrics/exceedance.ts";
import type { Region } from "./regions.ts";

/** What is said of one image. */
export interface Verdict {
  /** Whether its score reaches the threshold; null where either is missing. */
  readonly is_anomalous: boolean | null;
  /** Least `score_logit` called defective; null where there is none. */
  readonly threshold: number | null;
  /**
   * Share of good images that score lower than this image, as calibrated on
   * good images; null where none are known. At the threshold for 5 % false
   * alarms it is 0.95.
   */
  readonly confidence: number | null;
}

/** What a row says of an image where the run has thresholds. */
export interface JudgedRow extends Verdict {
  /** Where an image called defective looks so; null for other images. */
  readonly regions: readonly Region[] | null;
}

/** How the images of one category are judged. */
export interface Criterion {
  /** Least `score_logit` called defective. */
  readonly threshold: number;
  /** Least logit of a pixel that belongs to a region. */
  readonly pixelThreshold: number;
  /** Logits of the first and the last colour; null where no range is known. */
  readonly heatRange: readonly [number, number] | null;
  /** How often good images reach a score; null where none are known. */
  readonly good: Exceedance | null;
}

/** The criterion of a category; undefined where it has none. */
export type Criteria = (category: string) => Criterion | undefined;

/**
 * Criteria of one threshold for all categories.
 *
 * @param threshold Least `score_logit` called defective; it is that of pixels
 * too, since the score of most methods is the highest pixel.
 */
export function thresholdCriteria(threshold: number): Criteria {
  const pixelThreshold = threshold;
  const criterion = { threshold, pixelThreshold, heatRange: null, good: null };
  return () => criterion;
}

/** No verdict: there is no score, or no threshold. */
const NONE: Verdict = { is_anomalous: null, threshold: null, confidence: null };

/**
 * Judges one image.
 *
 * @param scoreLogit Its score; null where it has none.
 * @param criterion That of its category.
 */
export function judge(
  scoreLogit: number | null,
  criterion: Criterion | undefined,
): Verdict {
  if (criterion === undefined) return NONE;
  const { threshold, good } = criterion;
  if (scoreLogit === null) return { ...NONE, threshold };
  return {
    is_anomalous: scoreLogit >= threshold,
    threshold,
    confidence: good === null ? null : 1 - good.chanceOf(scoreLogit),
  };
}

/** How many images were judged, and how. */
export interface VerdictCounts {
  /** Images called defective. */
  readonly anomalous: number;
  /** Images with a verdict. */
  readonly judged: number;
}

/** How many verdicts are right and wrong, beside labels. */
export interface Confusion {
  /** Defective images called defective. */
  readonly true_positives: number;
  /** Good images called defective. */
  readonly false_positives: number;
  /** Good images called good. */
  readonly true_negatives: number;
  /** Defective images called good. */
  readonly false_negatives: number;
}
