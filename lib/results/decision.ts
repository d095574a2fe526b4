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

/** The `score_logit` values of one category, by label. */
export interface CategoryScores {
  /** Scores of good images. */
  readonly good: number[];
  /** Scores of defective images. */
  readonly defective: number[];
  /** Scores of images without a label. */
  readonly unlabelled: number[];
}

/** No scores yet. */
export function noScores(): CategoryScores {
  return { good: [], defective: [], unlabelled: [] };
}

/** Adds the score of an image; one without a score is left out. */
export function addScore(
  scores: CategoryScores,
  { label, score_logit }: LabelledScore,
): void {
  if (score_logit === null) return;
  if (label === null) scores.unlabelled.push(score_logit);
  else (label === 1 ? scores.defective : scores.good).push(score_logit);
}

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
  const wrong = (of: number[], label: 0 | 1) =>
    of.filter((score_logit) =>
      decide({ label, score_logit }, threshold) !== "correct"
    ).length;
  return {
    missed: wrong(scores.defective, 1),
    falseAlarms: wrong(scores.good, 0),
  };
}
