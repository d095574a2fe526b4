/**
 * Decisions: scores compared with the threshold of their category.
 *
 * @module
 */
import type { ScoreRow } from "./summary.ts";

/** How a decision compares with the label. */
export type Decision = "correct" | "missed" | "false alarm";

/** An image's label and score. */
export type LabelledScore = Pick<ScoreRow, "label" | "score_logit">;

/**
 * Decides on one image: it is called defective from the threshold on.
 *
 * @param scored Label and score of the image.
 * @param threshold Least `score_logit` called defective, null for none.
 * @returns The decision, or null without a label, a score or a threshold.
 */
export function decide(
  { label, score_logit }: LabelledScore,
  threshold: number | null,
): Decision | null {
  if (label === null || score_logit === null || threshold === null) return null;
  const called = score_logit >= threshold ? 1 : 0;
  if (called === label) return "correct";
  return label === 1 ? "missed" : "false alarm";
}

/** Scores of images, to be gone through. */
export interface ScoreSeries extends Iterable<number> {
  /** How many there are. */
  readonly length: number;
}

/** The `score_logit` values of one category, by label. */
export interface CategoryScores {
  /** Scores of good images. */
  readonly good: ScoreSeries;
  /** Scores of defective images. */
  readonly defective: ScoreSeries;
  /** Scores of images without a label. */
  readonly unlabelled: ScoreSeries;
}

/** No scores. */
export const NO_SCORES: CategoryScores = {
  good: [],
  defective: [],
  unlabelled: [],
};

/** Wrong decisions of one category. */
export interface WrongDecisions {
  /** Defective images called good. */
  readonly missed: number;
  /** Good images called defective. */
  readonly falseAlarms: number;
}

/**
 * Counts the wrong decisions of a category.
 *
 * @param scores The category's scores.
 * @param threshold Least `score_logit` called defective.
 * @returns The counts.
 */
export function countWrong(
  scores: CategoryScores,
  threshold: number,
): WrongDecisions {
  const wrong = (of: ScoreSeries, label: 0 | 1) => {
    let count = 0;
    for (const score_logit of of) {
      if (decide({ label, score_logit }, threshold) !== "correct") count++;
    }
    return count;
  };
  return {
    missed: wrong(scores.defective, 1),
    falseAlarms: wrong(scores.good, 0),
  };
}
