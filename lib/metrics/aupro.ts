/**
 * Area under the per-region-overlap (PRO) curve, exact and as the field does.
 *
 * @module
 */
import type { Ranking } from "./ranking.ts";

/** Options of AUPRO. */
export interface AuproOptions {
  /**
   * False-positive rate up to which the area is taken, above 0 and at most 1.
   *
   * @default {0.3}
   */
  readonly fprLimit?: number;
}

/** A ranking of pixels that also knows the regions they lie in. */
export interface RegionRanking extends Ranking {
  /**
   * Share of a region scored at least `scores[k]`, as the mean over all
   * regions.
   */
  readonly regionOverlap: Float64Array; // [K], ascending to 1
}

/** How many steps the field divides the range of the anomaly map into. */
const FIELD_STEPS = 200;

/** False-positive rate below which the field keeps its thresholds. */
const FIELD_LIMIT = 0.3;

/**
 * Area under the mean region overlap as a function of the false-positive
 * rate, from 0 to the limit, divided by the limit. The curve is linear between
 * distinct scores and so is cut at the limit exactly.
 *
 * @throws {RangeError} If `fprLimit` is out of range.
 */
export function aupro(
  ranking: RegionRanking,
  { fprLimit = 0.3 }: AuproOptions = {},
): number {
  if (!(fprLimit > 0 && fprLimit <= 1)) {
    throw new RangeError(
      "Cannot compute AUPRO as fprLimit must be above 0 and at most 1: " +
        `current value is ${fprLimit}`,
    );
  }
  const { falsePositives, regionOverlap } = ranking;
  const negatives = falsePositives.at(-1)!;
  let area = 0;
  let lastFpr = 0;
  let lastPro = 0;
  for (let k = 0; k < falsePositives.length && lastFpr < fprLimit; k++) {
    let fpr = falsePositives[k]! / negatives;
    let pro = regionOverlap[k]!;
    if (fpr > fprLimit) {
      pro = lastPro + (pro - lastPro) * (fprLimit - lastFpr) / (fpr - lastFpr);
      fpr = fprLimit;
    }
    area += (fpr - lastFpr) * (pro + lastPro) / 2;
    lastFpr = fpr;
    lastPro = pro;
  }
  return area / fprLimit;
}

/** The anomaly map's float32 value for a value of the logit map. */
function sigmoid(logit: number): number {
  return Math.fround(1 / (1 + Math.exp(-logit)));
}

/**
 * NumPy's `np.arange(low, high, (high - low) / 200)` for float32 scalars:
 * differences in float32, elements in float64. Rounding makes it 200 or 201
 * thresholds long; without a range there are none.
 */
function fieldThresholds(low: number, high: number): Float64Array {
  const range = Math.fround(high - low);
  const step = Math.fround(range / FIELD_STEPS);
  const length = step > 0 ? Math.ceil(Math.fround(range / step)) : 0;
  const delta = Math.fround(low + step) - low;
  return Float64Array.from({ length }, (_, i) => low + i * delta);
}

/**
 * AUPRO as most published tables have it (`cal_pro_score`, first in
 * cflow-ad): 200 equal steps over the range of the anomaly map, which is the
 * sigmoid of the scores in float32; a pixel is flagged where the map is above
 * the threshold; only thresholds with a false-positive rate below 0.3 are
 * kept, and those rates are stretched to fill 0 to 1.
 *
 * @returns null if fewer than two different rates are kept.
 */
export function aupro200(ranking: RegionRanking): number | null {
  const { scores, falsePositives, regionOverlap } = ranking;
  const negatives = falsePositives.at(-1)!;
  const map = scores.map(sigmoid);
  const fprs: number[] = [];
  const pros: number[] = [];
  let flagged = map.length;
  for (const threshold of fieldThresholds(map.at(-1)!, map[0]!)) {
    while (flagged > 0 && map[flagged - 1]! <= threshold) flagged--;
    const fpr = (falsePositives[flagged - 1] ?? 0) / negatives;
    if (fpr >= FIELD_LIMIT) continue;
    fprs.push(fpr);
    pros.push(regionOverlap[flagged - 1] ?? 0);
  }
  let area = 0;
  for (let i = 1; i < fprs.length; i++) {
    area += (fprs[i - 1]! - fprs[i]!) * (pros[i - 1]! + pros[i]!) / 2;
  }
  const width = (fprs[0] ?? 0) - (fprs.at(-1) ?? 0);
  return width > 0 ? area / width : null;
}
