/**
 * Pixels counted over 4,096 coarse bins of the logit map: 64 bins for each
 * doubling of the logit. Metrics of such counts serve for differences only.
 *
 * @module
 */
import type { RegionRanking } from "./aupro.ts";
import {
  type Components,
  connectedComponents,
  type DefectMask,
} from "./connected_components.ts";
import { LEFT_OUT_BITS } from "./left_out.ts";

/** How many bins there are. */
export const BINS = 4096;

/** Patterns of float16 numbers in one bin, as a power of two. */
const SHIFT = 4;
const SIGN = 0x8000;

/**
 * Sum of the weights of a region's pixels, apart from rounding. Sums of two
 * million regions are exact.
 */
const REGION_WEIGHT = 2 ** 32;

/** The bin of each float16 bit pattern; bins ascend with the number. */
const BIN_OF = new Uint16Array(65536).map((_, bits) =>
  (bits < SIGN ? SIGN + bits : 0xffff - bits) >> SHIFT
);

/** The number in the middle of each bin. */
const MIDDLES = new Float64Array(BINS).map((_, bin) => {
  const order = (bin << SHIFT) + (1 << (SHIFT - 1));
  const bits = order >= SIGN ? order - SIGN : 0xffff - order;
  return new Float16Array(Uint16Array.of(bits).buffer)[0]!;
});

/** Sums for each bin. All are integers, so that no order changes them. */
export interface DenseCounts {
  /** Good pixels. */
  readonly good: Float64Array; // [BINS]
  /** Defective pixels. */
  readonly defective: Float64Array; // [BINS]
  /** Sum of the region weights of the defective pixels. */
  readonly weights: Float64Array; // [BINS]
}

/** The same, without bins that are empty. */
export interface SparseCounts extends DenseCounts {
  /** The bin of each entry, ascending. */
  readonly bins: Uint16Array; // [N]
}

/** Counts of nothing. */
export function noCounts(): DenseCounts {
  return {
    good: new Float64Array(BINS),
    defective: new Float64Array(BINS),
    weights: new Float64Array(BINS),
  };
}

function countRegions(
  counts: DenseCounts,
  patterns: Uint16Array,
  { areas, starts, ends, regions }: Components,
): void {
  for (let run = 0; run < starts.length; run++) {
    const weight = Math.round(REGION_WEIGHT / areas[regions[run]!]!);
    for (let i = starts[run]!; i < ends[run]!; i++) {
      const bin = BIN_OF[patterns[i]!]!;
      counts.good[bin]!--;
      counts.defective[bin]!++;
      counts.weights[bin]! += weight;
    }
  }
}

/** How many pixels do not count. */
function leftOut(patterns: Uint16Array): number {
  if (!patterns.includes(LEFT_OUT_BITS)) return 0;
  return patterns.reduce((n, bits) => bits === LEFT_OUT_BITS ? n + 1 : n, 0);
}

/** Adds the pixels of an image that count. */
export function countPixels(
  counts: DenseCounts,
  logits: Float16Array,
  mask: DefectMask | null,
): void {
  const { buffer, byteOffset, length } = logits;
  const patterns = new Uint16Array(buffer, byteOffset, length);
  // 32-bit integers stay fast where one value repeats.
  const pixels = new Uint32Array(BINS);
  for (let i = 0; i < length; i++) pixels[BIN_OF[patterns[i]!]!]!++;
  pixels[BIN_OF[LEFT_OUT_BITS]!]! -= leftOut(patterns);
  for (let bin = 0; bin < BINS; bin++) counts.good[bin]! += pixels[bin]!;
  if (mask === null) return;
  countRegions(counts, patterns, connectedComponents(mask));
}

/** Adds counts, `times` over. */
export function addCounts(
  target: DenseCounts,
  { bins, good, defective, weights }: SparseCounts,
  times: number,
): void {
  for (let i = 0; i < bins.length; i++) {
    const bin = bins[i]!;
    target.good[bin]! += times * good[i]!;
    if (defective[i] === 0) continue;
    target.defective[bin]! += times * defective[i]!;
    target.weights[bin]! += times * weights[i]!;
  }
}

/** Leaves the empty bins out. */
export function toSparse(counts: DenseCounts): SparseCounts {
  const { good, defective, weights } = counts;
  const used = new Uint16Array(BINS);
  let size = 0;
  for (let bin = 0; bin < BINS; bin++) {
    if (good[bin]! + defective[bin]! > 0) used[size++] = bin;
  }
  const bins = used.slice(0, size);
  const pick = (sums: Float64Array) => {
    const picked = new Float64Array(size);
    for (let i = 0; i < size; i++) picked[i] = sums[bins[i]!]!;
    return picked;
  };
  return {
    bins,
    good: pick(good),
    defective: pick(defective),
    weights: pick(weights),
  };
}

/** Empties counts for their next use. */
export function clearCounts({ good, defective, weights }: DenseCounts): void {
  for (const sums of [good, defective, weights]) sums.fill(0);
}

/**
 * A ranking of the bins given, to be filled by {@linkcode fillRanking}.
 *
 * @param bins The bins, descending.
 */
export function rankingOf(bins: Uint16Array): RegionRanking {
  return {
    scores: Float64Array.from(bins, (bin) => MIDDLES[bin]!),
    falsePositives: new Float64Array(bins.length),
    truePositives: new Float64Array(bins.length),
    regionOverlap: new Float64Array(bins.length),
  };
}

/** Adds counts up along their bins, descending. */
export function fillRanking(
  ranking: RegionRanking,
  { good, defective, weights }: DenseCounts,
  bins: Uint16Array,
): void {
  const { falsePositives, truePositives, regionOverlap } = ranking;
  let [alarms, hits, weight] = [0, 0, 0];
  for (let k = 0; k < bins.length; k++) {
    const bin = bins[k]!;
    falsePositives[k] = alarms += good[bin]!;
    truePositives[k] = hits += defective[bin]!;
    regionOverlap[k] = weight += weights[bin]!;
  }
  for (let k = 0; k < bins.length; k++) regionOverlap[k]! /= weight;
}
