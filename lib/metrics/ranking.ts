/**
 * Metrics that depend only on how positives and negatives are ranked. Equal
 * scores form one step, as in scikit-learn, so ties count half in AUROC.
 *
 * @module
 */

/**
 * The counts at each possible threshold: one entry per distinct score, highest
 * first, with the numbers of positives and negatives that score at least as
 * much. The last entry holds all of them.
 */
export interface Ranking {
  /** Distinct scores. */
  readonly scores: Float64Array; // [K], descending
  /** Positives scored at least `scores[k]`. */
  readonly truePositives: Float64Array; // [K]
  /** Negatives scored at least `scores[k]`. */
  readonly falsePositives: Float64Array; // [K]
}

/**
 * Ranks two sets of scores.
 *
 * @param positives Scores in ascending order, without NaN.
 * @param negatives Scores in ascending order, without NaN.
 */
export function rank(
  positives: Float64Array,
  negatives: Float64Array,
): Ranking {
  const scores: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let p = positives.length;
  let n = negatives.length;
  while (p > 0 || n > 0) {
    const score = Math.max(
      positives[p - 1] ?? -Infinity,
      negatives[n - 1] ?? -Infinity,
    );
    while (positives[p - 1] === score) p--;
    while (negatives[n - 1] === score) n--;
    scores.push(score);
    truePositives.push(positives.length - p);
    falsePositives.push(negatives.length - n);
  }
  return {
    scores: Float64Array.from(scores),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
  };
}

/**
 * Area under the receiver operating characteristic, equal to scikit-learn's
 * `roc_auc_score`. Needs at least one positive and one negative.
 */
export function auroc(ranking: Ranking): number {
  const { truePositives, falsePositives } = ranking;
  let twiceArea = 0;
  let lastTrue = 0;
  let lastFalse = 0;
  for (let k = 0; k < truePositives.length; k++) {
    const hits = truePositives[k]!;
    const alarms = falsePositives[k]!;
    twiceArea += (alarms - lastFalse) * (hits + lastTrue);
    lastTrue = hits;
    lastFalse = alarms;
  }
  return twiceArea / (2 * lastTrue * lastFalse);
}

/**
 * Mean precision over the positives, without interpolation, equal to
 * scikit-learn's `average_precision_score`. Needs at least one positive.
 */
export function averagePrecision(ranking: Ranking): number {
  const { truePositives, falsePositives } = ranking;
  let sum = 0;
  let lastTrue = 0;
  for (let k = 0; k < truePositives.length; k++) {
    const hits = truePositives[k]!;
    // Steps without a positive add nothing; those of replicates may be empty.
    if (hits === lastTrue) continue;
    sum += (hits - lastTrue) * (hits / (hits + falsePositives[k]!));
    lastTrue = hits;
  }
  return sum / lastTrue;
}

/** What the threshold of highest F1 flags. */
export interface BestThreshold {
  /** The highest such score. */
  readonly score: number;
  /** Its F1. */
  readonly f1: number;
  /** Negatives scored at least as much. */
  readonly falsePositives: number;
}

/** Finds the threshold of highest F1. Needs at least one positive. */
export function bestThreshold(ranking: Ranking): BestThreshold {
  const { scores, truePositives, falsePositives } = ranking;
  const positives = truePositives.at(-1)!;
  let best = 0;
  let at = 0;
  for (let k = 0; k < truePositives.length; k++) {
    const hits = truePositives[k]!;
    // 2 P R / (P + R) with P = hits / flagged and R = hits / positives
    const f1 = 2 * hits / (hits + falsePositives[k]! + positives);
    if (f1 > best) [best, at] = [f1, k];
  }
  return { score: scores[at]!, f1: best, falsePositives: falsePositives[at]! };
}

/**
 * Highest F1 over all thresholds, equal to the maximum over scikit-learn's
 * `precision_recall_curve`. Needs at least one positive.
 */
export function f1Max(ranking: Ranking): number {
  return bestThreshold(ranking).f1;
}
