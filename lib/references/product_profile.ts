/**
 * What calibration finds out of one product: thresholds, and how far they can
 * be trusted.
 *
 * @module
 */
import {
  clopperPearson,
  type CountedRate,
} from "../metrics/clopper_pearson.ts";
import { Exceedance, scoresNeeded } from "../metrics/exceedance.ts";
import type { Criterion } from "../results/verdict.ts";

/** A rate that the threshold is chosen for. */
export type RateTarget =
  /** Share of good images that may be called defective. */
  | { readonly false_alarms: number }
  /** Share of defective images that must be. */
  | { readonly recall: number };

/** What the threshold is chosen for, or that a person chose it. */
export type Target = RateTarget | { readonly threshold: number };

/** Good images without which there is no telling how they scatter. */
export const LEAST_GOOD = 4;

/** Defective images without which there is no telling how they scatter. */
export const LEAST_BAD = 2;

/** Share of the pixels of good images that reach the pixel threshold. */
const PIXEL_RATE = 0.001;

/** Values kept of each map: enough for one in a thousand of ten images. */
const VALUES_KEPT = 1024;

/** Keeps the range of colours from being empty. */
const LEAST_REACH = 0.5;

/** What is known of one image. */
export interface CalibrationImage {
  /** Its `score_logit`. */
  readonly score: number;
  /** Some of the values of its logit map, evenly from low to high. */
  readonly values: Float32Array;
}

/** The calibration of one product. */
export interface ProductProfile {
  /** Least `score_logit` called defective. */
  readonly threshold: number;
  /** Least logit of a pixel that belongs to a region. */
  readonly pixel_threshold: number;
  /** Logits of the first and the last colour of heatmaps. */
  readonly heat_range: readonly [number, number];
  /** `score_logit` of each good image, ascending. */
  readonly good_scores: readonly number[];
  /** Good images at or above the threshold. */
  readonly false_alarms: CountedRate;
  /** Defective images at or above the threshold; null where none were given. */
  readonly recall: CountedRate | null;
  /**
   * Images that would show the rate asked for without extrapolation; null
   * where there were as many.
   */
  readonly images_needed: number | null;
}

/**
 * Takes an image's score, and a part of its map.
 *
 * @param score Its `score_logit`.
 * @param map Its logit map.
 */
export function calibrationImage(
  score: number,
  map: Float32Array,
): CalibrationImage {
  if (map.length <= VALUES_KEPT) return { score, values: map };
  const sorted = map.toSorted();
  const step = (map.length - 1) / (VALUES_KEPT - 1);
  const values = Float32Array.from(
    { length: VALUES_KEPT },
    (_, i) => sorted[Math.round(i * step)]!,
  );
  return { score, values };
}

/**
 * Takes good images that were compared with the other ones.
 *
 * @param maps Logits of each.
 * @param scores Their scores; absent where those are the highest logits.
 */
export function calibrationImages(
  maps: readonly Float32Array[],
  scores?: readonly number[],
): CalibrationImage[] {
  return maps.map((map, i) => {
    const score = scores?.[i] ?? map.reduce((a, b) => Math.max(a, b));
    return calibrationImage(score, map);
  });
}

function quantile(sorted: Float32Array, share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))]!;
}

function joined(images: readonly CalibrationImage[]): Float32Array {
  const values = images.flatMap((image) => Array.from(image.values));
  return Float32Array.from(values).sort();
}

/** The threshold, and what it would take to see its rate. */
function chooseThreshold(
  { good, bad, target }: Pick<CalibrateOptions, "target"> & {
    readonly good: readonly number[];
    readonly bad: readonly number[];
  },
): { threshold: number; images_needed: number | null } {
  const isRecall = "recall" in target;
  const chance = isRecall ? 1 - target.recall : target.false_alarms;
  const scores = isRecall ? bad.map((score) => -score) : good;
  const found = new Exceedance(scores);
  const reached = found.scoreOf(chance);
  const needed = scoresNeeded(chance);
  return {
    threshold: isRecall ? -reached : reached,
    images_needed: scores.length < needed ? needed : null,
  };
}

/** Options of {@linkcode profileProduct}. */
export interface CalibrateOptions {
  /** What the threshold is chosen for. */
  readonly target: RateTarget;
  /**
   * Defective images.
   *
   * @default {[]}
   */
  readonly bad?: readonly CalibrationImage[];
}

/**
 * Checks that there are enough good images.
 *
 * @throws {RangeError} If there are not.
 */
export function assertEnoughGood(good: number): void {
  if (good >= LEAST_GOOD) return;
  throw new RangeError(
    `Cannot calibrate as there must be at least ${LEAST_GOOD} good images: current value is ${good}`,
  );
}

function assertEnough(
  good: number,
  { target, bad = [] }: CalibrateOptions,
): void {
  assertEnoughGood(good);
  if (!("recall" in target) || bad.length >= LEAST_BAD) return;
  throw new RangeError(
    `Cannot calibrate for a recall as there must be at least ${LEAST_BAD} defective images: current value is ${bad.length}`,
  );
}

/**
 * Calibrates one product.
 *
 * @param good Its good images, none of which may have been compared with
 * itself.
 * @param options The target, and defective images.
 * @throws {RangeError} If there are too few images.
 */
export function profileProduct(
  good: readonly CalibrationImage[],
  options: CalibrateOptions,
): ProductProfile {
  const { target, bad = [] } = options;
  assertEnough(good.length, options);
  const scores = good.map(({ score }) => score).sort((a, b) => a - b);
  const badScores = bad.map(({ score }) => score);
  const chosen = chooseThreshold({ good: scores, bad: badScores, target });
  const { threshold } = chosen;
  const reached = (of: readonly number[]) =>
    clopperPearson(of.filter((s) => s >= threshold).length, of.length);
  const values = joined(good);
  const pixel = Math.min(quantile(values, 1 - PIXEL_RATE), threshold);
  const usual = quantile(values, 0.5);
  const reach = Math.max(pixel - usual, LEAST_REACH);
  return {
    threshold,
    pixel_threshold: pixel,
    heat_range: [pixel - reach, pixel + reach],
    good_scores: scores,
    false_alarms: reached(scores),
    recall: bad.length === 0 ? null : reached(badScores),
    images_needed: chosen.images_needed,
  };
}

/**
 * Puts a threshold that a person chose in place of the calibrated one.
 *
 * @param product The calibration. Defective images are not kept in it, so the
 * result tells of no recall.
 * @param threshold Least `score_logit` called defective.
 */
export function withThreshold(
  product: ProductProfile,
  threshold: number,
): ProductProfile {
  const { good_scores: scores, pixel_threshold } = product;
  const reached = scores.filter((score) => score >= threshold).length;
  return {
    ...product,
    threshold,
    // Else the highest pixel of a defective image could lie in no region.
    pixel_threshold: Math.min(pixel_threshold, threshold),
    false_alarms: clopperPearson(reached, scores.length),
    recall: null,
    images_needed: null,
  };
}

/** How images are judged by a profile. */
export function toCriterion(
  profile: Pick<
    ProductProfile,
    "threshold" | "pixel_threshold" | "heat_range" | "good_scores"
  >,
): Criterion {
  return {
    threshold: profile.threshold,
    pixelThreshold: profile.pixel_threshold,
    heatRange: profile.heat_range,
    good: new Exceedance(profile.good_scores),
  };
}
