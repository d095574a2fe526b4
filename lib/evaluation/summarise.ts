/**
 * From what an evaluation found out to its summary and report.
 *
 * @module
 */
import type { Reading } from "../data/sample.ts";
import { countTiles, type FrameSettings } from "../framing/frame_settings.ts";
import { bestThreshold, rank } from "../metrics/ranking.ts";
import type { CategoryScores } from "../results/decision.ts";
import {
  type CategoryDigest,
  RowDigest,
  totalVerdicts,
} from "../results/row_digest.ts";
import type { CategoryCurves } from "../report/html.ts";
import {
  meanOf,
  type PromptWords,
  type Scoring,
  type Summary,
  USUAL_SCORING,
} from "../results/summary.ts";
import type { CategorySummary, ScoreRow } from "../results/summary.ts";
import type { Evaluation } from "./evaluate.ts";

/** What a summary says of the run beside its metrics. */
export interface RunFacts {
  /** Name of the model. */
  readonly model: string;
  /** Name of the data set. */
  readonly data: string;
  /** Words used, by category. */
  readonly prompts: Readonly<Record<string, PromptWords>>;
  /**
   * How the model scores images.
   *
   * @default {as MFP-CLIP does}
   */
  readonly scoring?: Scoring | undefined;
  /** Sigma of the Gaussian smoothing of maps; 0 for none. */
  readonly smooth: number;
  /** Precision that the network ran in. */
  readonly precision?: Summary["precision"] | undefined;
  /** How images were laid before the model; absent where only stretched. */
  readonly frame?: FrameSettings | undefined;
  /** Good images by category; absent where none were given. */
  readonly good?: Summary["good"] | undefined;
  /** Wall time of the run. */
  readonly seconds: number;
  /** How the data set was read; absent where it was drawn. */
  readonly reading?: Reading | undefined;
  /** What the reader must know to trust the scores. */
  readonly caution?: string | undefined;
}

function* sizesOf({ categories }: RowDigest) {
  for (const [category, { sizes }] of categories) {
    for (const size of sizes.values()) yield { category, ...size };
  }
}

function frameSummary(
  frame: FrameSettings | undefined,
  digest: RowDigest,
): Pick<Summary, "frame"> {
  if (frame === undefined) return {};
  if (frame.tile !== "auto") return { frame };
  return { frame: { ...frame, tiles: countTiles(sizesOf(digest), frame) } };
}

/** Adds the verdicts on a category, where it has a threshold. */
function withVerdicts(
  category: CategorySummary,
  digest: CategoryDigest | undefined,
): CategorySummary {
  if (digest === undefined || digest.threshold === null) return category;
  const { threshold, isCalibrated, hasLabels, confusion } = digest;
  const verdicts = {
    threshold,
    ...digest.verdicts,
    ...isCalibrated && { centred: true },
    ...hasLabels && { confusion },
  };
  return { ...category, verdicts };
}

function judgedCategories(
  categories: Evaluation["categories"],
  digest: RowDigest,
) {
  return Object.fromEntries(
    Object.entries(categories).map(([name, category]) =>
      [name, withVerdicts(category, digest.categories.get(name))] as const
    ),
  );
}

/** An evaluation whose rows may have been looked at before. */
export interface DigestedEvaluation extends Omit<Evaluation, "rows"> {
  /** The rows, or what is to be said of them. */
  readonly rows: readonly ScoreRow[] | RowDigest;
}

/**
 * Puts the summary of an evaluation together.
 *
 * @param evaluation What was found out
 * @param facts What was run
 * @returns The content of `summary.json`
 */
export function summarise(
  evaluation: DigestedEvaluation,
  facts: RunFacts,
): Summary {
  const digest = RowDigest.of(evaluation.rows);
  const { model, data, prompts, smooth, precision, good } = facts;
  const { scoring = USUAL_SCORING, seconds, reading, caution } = facts;
  const categories = judgedCategories(evaluation.categories, digest);
  const hasThresholds = Object.values(categories)
    .some(({ verdicts }) => verdicts !== undefined);
  return {
    model,
    ...scoring,
    data,
    prompts,
    smooth,
    ...precision !== undefined && { precision },
    ...frameSummary(facts.frame, digest),
    ...good !== undefined && { good },
    seconds,
    images: digest.images,
    errors: digest.errors,
    ...reading !== undefined && { reading },
    ...hasThresholds && { verdicts: totalVerdicts(digest) },
    ...caution !== undefined && { caution },
    categories,
    ...meanOf(categories),
    ...evaluation.meanIntervals && {
      mean_intervals: evaluation.meanIntervals,
    },
  };
}

/**
 * The score of highest F1, the highest such score; null without two labels, and
 * where it would call all good images defective.
 */
function usefulThreshold({ good, defective }: CategoryScores): number | null {
  if (good.length === 0 || defective.length === 0) return null;
  const { score, falsePositives } = bestThreshold(rank(
    Float64Array.from(defective).sort(),
    Float64Array.from(good).sort(),
  ));
  return falsePositives === good.length ? null : score;
}

/**
 * Completes the curves of an evaluation with the thresholds of the run, or those
 * of highest F1 where it has none and they tell good images from defective ones.
 *
 * @param evaluation What was found out
 * @returns What the report plots, by category
 */
export function reportCurves(
  { rows, curves }: DigestedEvaluation,
): Record<string, CategoryCurves> {
  const { categories } = RowDigest.of(rows);
  return Object.fromEntries(
    Object.entries(curves).map(([category, { image, pixel }]) => {
      const { scores, threshold: set = null } = categories.get(category) ?? {};
      const best = scores === undefined ? null : usefulThreshold(scores);
      return [category, { image, pixel, threshold: set ?? best }];
    }),
  );
}
