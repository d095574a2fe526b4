/**
 * The receiver operating characteristic, thinned for plotting.
 *
 * @module
 */
import type { Ranking } from "./ranking.ts";

/** Points of a receiver operating characteristic, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** False-positive rates. */
  readonly fpr: Float64Array; // [K], ascending
  /** True-positive rates. */
  readonly tpr: Float64Array; // [K], ascending
}

/** Largest number of points of a thinned curve. */
const MOST_POINTS = 400;

/**
 * Longest stretch left out between two kept points, measured as the sum of
 * both rates. Any two successive steps are longer, and the curve is 2 long.
 */
const STEP = 4 / (MOST_POINTS - 1);

/**
 * At most a few hundred points of the curve. Every point kept is exact, both
 * ends of every long straight segment are kept, and no point left out is
 * further than 0.011 from the line through its kept neighbours. Needs at least
 * one positive and one negative.
 */
export function rocCurve(ranking: Ranking): RocCurve {
  const { truePositives, falsePositives } = ranking;
  const count = truePositives.length;
  const positives = truePositives[count - 1]!;
  const negatives = falsePositives[count - 1]!;
  const fpr = [0];
  const tpr = [0];
  for (let k = 0; k < count; k++) {
    const next = k + 1 < count
      ? falsePositives[k + 1]! / negatives + truePositives[k + 1]! / positives
      : Infinity;
    if (next - fpr.at(-1)! - tpr.at(-1)! <= STEP) continue;
    fpr.push(falsePositives[k]! / negatives);
    tpr.push(truePositives[k]! / positives);
  }
  return { fpr: Float64Array.from(fpr), tpr: Float64Array.from(tpr) };
}
