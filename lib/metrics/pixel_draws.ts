/**
 * Pixel metrics of groups of images that are drawn again and again.
 *
 * @module
 */
import type { Random } from "../random.ts";
import { aupro, aupro200, type RegionRanking } from "./aupro.ts";
import type { Interval } from "./bootstrap.ts";
import {
  addCounts,
  BINS,
  clearCounts,
  fillRanking,
  noCounts,
  rankingOf,
  type SparseCounts,
} from "./coarse_counts.ts";
import { auroc, averagePrecision, f1Max } from "./ranking.ts";

/** Fewer draws than of images, as they cost more: all bins of all groups. */
export const PIXEL_REPLICATES = 200;

/** Name of a pixel metric. */
export type PixelMetric =
  | "auroc"
  | "averagePrecision"
  | "f1Max"
  | "aupro"
  | "aupro200";

/** Pixel metrics that have an interval. */
const METRICS: Readonly<
  Record<PixelMetric, (ranking: RegionRanking) => number | null>
> = {
  auroc,
  averagePrecision,
  f1Max,
  aupro: (ranking) => aupro(ranking),
  aupro200,
};

/** The exact values; null where a metric cannot be computed. */
export type PixelValues = Readonly<Record<PixelMetric, number | null>>;

/** Intervals of those metrics that have one. */
export type PixelIntervals = Readonly<Partial<Record<PixelMetric, Interval>>>;

/** Names of all pixel metrics. */
export const PIXEL_METRICS: readonly PixelMetric[] = Object.keys(
  METRICS,
) as PixelMetric[];

/** Groups of good and of defective images. */
export type PixelStrata = readonly [
  good: readonly SparseCounts[],
  defective: readonly SparseCounts[],
];

/** How often each group is drawn, good ones first. */
export function* drawStrata(
  strata: PixelStrata,
  random: Random,
): Generator<readonly number[]> {
  for (let r = 0; r < PIXEL_REPLICATES; r++) {
    yield strata.flatMap(({ length }) => drawTimes(length, random));
  }
}

/** How often each of `count` groups is drawn, `count` draws with replacement. */
function drawTimes(count: number, random: Random): number[] {
  const times = new Array<number>(count).fill(0);
  for (let i = 0; i < count; i++) times[random.integer(0, count - 1)]!++;
  return times;
}

function usedBins(groups: readonly SparseCounts[]): Uint16Array {
  const used = new Uint8Array(BINS);
  for (const { bins } of groups) for (const bin of bins) used[bin] = 1;
  return Uint16Array.from({ length: BINS }, (_, k) => BINS - 1 - k)
    .filter((bin) => used[bin] === 1);
}

/** Metrics of groups that are drawn again and again. */
export class PixelDraws {
  readonly #groups: readonly SparseCounts[];
  readonly #bins: Uint16Array;
  readonly #sums = noCounts();
  readonly #ranking: RegionRanking;

  /**
   * Takes the groups.
   *
   * @param strata Those of good and of defective images.
   */
  constructor(strata: PixelStrata) {
    this.#groups = strata.flat();
    this.#bins = usedBins(this.#groups);
    this.#ranking = rankingOf(this.#bins);
  }

  /**
   * The metrics where groups are drawn so many times.
   *
   * @param drawn How often each group is drawn; once where it is left out.
   */
  metrics(drawn?: readonly number[]): PixelValues {
    for (const [group, counts] of this.#groups.entries()) {
      const times = drawn?.[group] ?? 1;
      if (times > 0) addCounts(this.#sums, counts, times);
    }
    fillRanking(this.#ranking, this.#sums, this.#bins);
    clearCounts(this.#sums);
    const found = PIXEL_METRICS.map((name) => {
      const value = METRICS[name](this.#ranking);
      return [name, Number.isNaN(value) ? null : value] as const;
    });
    return Object.fromEntries(found) as PixelValues;
  }
}
