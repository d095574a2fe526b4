/**
 * Bootstrap intervals: how far a metric may lie from what was measured, because
 * other images of the same kind would have been other ones.
 *
 * @see https://doi.org/10.1214/aos/1176344552
 *
 * @module
 */
import { Random } from "../random.ts";
import { auroc, averagePrecision, f1Max, type Ranking } from "./ranking.ts";

/** Ends of an interval that holds 95 % of the replicates. */
export type Interval = readonly [low: number, high: number];

/** How often images are drawn anew, where that is cheap. */
export const REPLICATES = 1000;

/** Fewer images of a label than this say nothing of their spread. */
export const LEAST_IMAGES = 2;

/**
 * The interval that holds the middle 95 % of the replicates.
 *
 * @param replicates Values of a metric or a difference; at least one.
 */
export function percentileInterval(replicates: Float64Array): Interval {
  const sorted = replicates.toSorted();
  const cut = Math.floor(0.025 * sorted.length);
  return [sorted[cut]!, sorted[sorted.length - 1 - cut]!];
}

/** Scores in ascending order, by label. */
export interface SortedScores {
  /** Scores of good images. */
  readonly good: Float64Array;
  /** Scores of defective images. */
  readonly defective: Float64Array;
}

/** A step of the ranking for each image, the highest score first. */
interface Steps {
  readonly scores: Float64Array; // [K]
  readonly good: Uint32Array;
  readonly defective: Uint32Array;
}

function stepsOf({ good, defective }: SortedScores): Steps {
  const all = new Float64Array(good.length + defective.length);
  all.set(good);
  all.set(defective, good.length);
  const scores = Float64Array.from(new Set(all.sort().reverse()));
  const places = new Map(Array.from(scores, (score, k) => [score, k]));
  const placeOf = (score: number) => places.get(score)!;
  return {
    scores,
    good: Uint32Array.from(good, placeOf),
    defective: Uint32Array.from(defective, placeOf),
  };
}

/** Draws as many images as there are, with replacement, and adds them up. */
function drawInto(
  sums: Float64Array,
  steps: Uint32Array,
  random: Random,
): void {
  sums.fill(0);
  const last = steps.length - 1;
  for (let i = 0; i <= last; i++) sums[steps[random.integer(0, last)]!]!++;
  for (let k = 1; k < sums.length; k++) sums[k]! += sums[k - 1]!;
}

/** Metrics of images that have an interval. */
export interface ImageIntervals {
  /** Of {@linkcode auroc}. */
  readonly auroc: Interval;
  /** Of {@linkcode averagePrecision}. */
  readonly averagePrecision: Interval;
  /** Of {@linkcode f1Max}. */
  readonly f1Max: Interval;
}

/** Values of metrics of images, one for each draw. */
export type ImageReplicates = Readonly<
  Record<keyof ImageIntervals, Float64Array>
>;

/**
 * Computes metrics of images that are drawn anew. Good and defective images are
 * drawn apart, each as many as there are. The draws depend on the sorted scores
 * alone, so that neither order nor shards change them.
 *
 * @param scores The scores, without NaN.
 * @returns null with fewer than two images of a label.
 */
export function imageReplicates(scores: SortedScores): ImageReplicates | null {
  const { good, defective } = scores;
  if (Math.min(good.length, defective.length) < LEAST_IMAGES) return null;
  const steps = stepsOf(scores);
  const random = new Random("bootstrap/images");
  const ranking: Ranking = {
    scores: steps.scores,
    truePositives: new Float64Array(steps.scores.length),
    falsePositives: new Float64Array(steps.scores.length),
  };
  const metrics = { auroc, averagePrecision, f1Max };
  const found = {
    auroc: new Float64Array(REPLICATES),
    averagePrecision: new Float64Array(REPLICATES),
    f1Max: new Float64Array(REPLICATES),
  };
  const names = Object.keys(metrics) as (keyof typeof metrics)[];
  for (let r = 0; r < REPLICATES; r++) {
    drawInto(ranking.truePositives, steps.defective, random);
    drawInto(ranking.falsePositives, steps.good, random);
    for (const name of names) found[name][r] = metrics[name](ranking);
  }
  return found;
}

/**
 * Computes the intervals of metrics of images.
 *
 * @param scores The scores, without NaN.
 * @returns null with fewer than two images of a label.
 */
export function imageIntervals(scores: SortedScores): ImageIntervals | null {
  const found = imageReplicates(scores);
  return found === null ? null : {
    auroc: percentileInterval(found.auroc),
    averagePrecision: percentileInterval(found.averagePrecision),
    f1Max: percentileInterval(found.f1Max),
  };
}

/**
 * Computes the interval of a mean of independent parts, such as categories.
 *
 * @param parts By name, the values of a metric, one for each draw. Draws of
 * several parts have the same numbers, so each part is shuffled by its name.
 * @returns null without any part.
 */
export function meanInterval(
  parts: ReadonlyMap<string, Float64Array>,
): Interval | null {
  if (parts.size === 0) return null;
  const most = Math.max(...[...parts.values()].map(({ length }) => length));
  const sums = new Float64Array(most);
  // The order of names, not that of the map, decides on the last bits.
  for (const name of [...parts.keys()].sort()) {
    const values = parts.get(name)!;
    const random = new Random(`bootstrap/mean/${name}`);
    const order = shuffledOrder(values.length, random);
    for (let r = 0; r < most; r++) {
      sums[r]! += values[order[r % order.length]!]!;
    }
  }
  return percentileInterval(sums.map((sum) => sum / parts.size));
}

/** Fisher and Yates, as Durstenfeld wrote it. */
function shuffledOrder(length: number, random: Random): number[] {
  const order = Array.from({ length }, (_, i) => i);
  for (let last = length - 1; last > 0; last--) {
    const other = random.integer(0, last);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
