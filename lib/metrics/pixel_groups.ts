/**
 * Pixels by groups of images, for the intervals of pixel metrics.
 *
 * @module
 */
import { Random } from "../random.ts";
import { aupro, aupro200, type RegionRanking } from "./aupro.ts";
import {
  type Interval,
  LEAST_IMAGES,
  percentileInterval,
} from "./bootstrap.ts";
import { type RecordKind, RecordReader, RecordWriter } from "./byte_record.ts";
import {
  addCounts,
  BINS,
  clearCounts,
  countPixels,
  fillRanking,
  noCounts,
  rankingOf,
  type SparseCounts,
  toSparse,
} from "./coarse_counts.ts";
import type { DefectMask } from "./connected_components.ts";
import { auroc, averagePrecision, f1Max } from "./ranking.ts";

const KIND: RecordKind = { name: "pixel groups", magic: "MFPG", version: 1 };

/**
 * Groups of each label. An image belongs to the group that its key names, so
 * that no more is kept of a million images than of a thousand. Few images seldom
 * share a group: of 100, 5.
 */
const GROUPS = 1024;

/** Fewer draws than of images, as they cost more: all bins of all groups. */
const REPLICATES = 200;

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

const NAMES = Object.keys(METRICS) as PixelMetric[];

/** How often each of `count` groups is drawn, `count` draws with replacement. */
function drawTimes(count: number, random: Random): number[] {
  const times = new Array<number>(count).fill(0);
  for (let i = 0; i < count; i++) times[random.integer(0, count - 1)]!++;
  return times;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function usedBins(groups: readonly SparseCounts[]): Uint16Array {
  const used = new Uint8Array(BINS);
  for (const { bins } of groups) for (const bin of bins) used[bin] = 1;
  return Uint16Array.from({ length: BINS }, (_, k) => BINS - 1 - k)
    .filter((bin) => used[bin] === 1);
}

/** Metrics of groups that are drawn again and again. */
class Draws {
  readonly #groups: readonly SparseCounts[];
  readonly #bins: Uint16Array;
  readonly #sums = noCounts();
  readonly #ranking: RegionRanking;

  constructor(groups: readonly SparseCounts[]) {
    this.#groups = groups;
    this.#bins = usedBins(groups);
    this.#ranking = rankingOf(this.#bins);
  }

  /** The metrics where each group is drawn so many times. */
  metrics(
    timesOf: (group: number) => number,
  ): Record<PixelMetric, number | null> {
    for (const [group, counts] of this.#groups.entries()) {
      const times = timesOf(group);
      if (times > 0) addCounts(this.#sums, counts, times);
    }
    fillRanking(this.#ranking, this.#sums, this.#bins);
    clearCounts(this.#sums);
    const found = NAMES.map((name) => {
      const value = METRICS[name](this.#ranking);
      return [name, Number.isNaN(value) ? null : value] as const;
    });
    return Object.fromEntries(found) as Record<PixelMetric, number | null>;
  }
}

/**
 * Pixels of one category over coarse bins, added up by groups of images. Groups
 * of good and of defective images are drawn anew, and the spread of a metric over
 * the draws gives its interval. Bins cost nothing but a small shift, which is
 * taken away: an interval is laid around the exact value. All that it returns,
 * bytes included, is the same bit for bit in whatever order images were added
 * and parts were merged.
 */
export class PixelGroups {
  readonly #groups = new Map<number, SparseCounts>();
  readonly #scratch = noCounts();

  /**
   * Adds one image.
   *
   * @param key Its key, which chooses its group.
   * @param logits Its logit map, without NaN.
   * @param mask Where the product is defective; null for a good image.
   */
  add(key: string, logits: Float16Array, mask: DefectMask | null): void {
    const group = new Random(key).integer(0, GROUPS - 1);
    countPixels(this.#scratch, logits, mask);
    this.#put(mask === null ? group : GROUPS + group);
  }

  /** Adds all images of another part of the same category. */
  merge(other: PixelGroups): void {
    for (const [group, counts] of other.#groups) {
      addCounts(this.#scratch, counts, 1);
      this.#put(group);
    }
  }

  /** Adds what the scratch holds to a group, and clears the scratch. */
  #put(group: number): void {
    const counts = this.#groups.get(group);
    if (counts !== undefined) addCounts(this.#scratch, counts, 1);
    this.#groups.set(group, toSparse(this.#scratch));
    clearCounts(this.#scratch);
  }

  /** Groups of one label, in order. */
  #stratum(first: number): SparseCounts[] {
    return [...this.#groups].filter(([group]) =>
      group >= first && group < first + GROUPS
    ).sort(([a], [b]) => a - b).map(([, counts]) => counts);
  }

  /**
   * Computes the intervals around exact values.
   *
   * @param exact The values; metrics without one have no interval.
   * @returns No interval with fewer than two groups of defective images.
   */
  intervals(exact: PixelValues): PixelIntervals {
    const strata = [this.#stratum(0), this.#stratum(GROUPS)];
    if (strata[1]!.length < LEAST_IMAGES) return {};
    const draws = new Draws(strata.flat());
    const random = new Random("bootstrap/pixels");
    const whole = draws.metrics(() => 1);
    const replicates = Array.from({ length: REPLICATES }, () => {
      const times = strata.flatMap(({ length }) => drawTimes(length, random));
      return draws.metrics((group) => times[group]!);
    });
    return Object.fromEntries(NAMES.flatMap((name) => {
      const [value, centre] = [exact[name], whole[name]];
      if (value === null || centre === null) return [];
      const moved = replicates.map((replicate) => replicate[name])
        .filter((replicate) => replicate !== null)
        .map((replicate) => clamp(value + replicate - centre));
      if (moved.length < REPLICATES / 2) return [];
      return [[name, percentileInterval(Float64Array.from(moved))]];
    }));
  }

  /** Packs the groups for {@linkcode PixelGroups.fromBytes}. */
  toBytes(): Uint8Array {
    const writer = new RecordWriter(KIND);
    const groups = [...this.#groups].sort(([a], [b]) => a - b);
    writer.integer(groups.length);
    for (const [group, { bins, good, defective, weights }] of groups) {
      writer.integer(group);
      writer.integer(bins.length);
      let next = 0;
      for (const [i, bin] of bins.entries()) {
        writer.integer(bin - next);
        writer.integer(good[i]!);
        writer.integer(defective[i]!);
        if (defective[i]! > 0) writer.integer(weights[i]!);
        next = bin + 1;
      }
    }
    return writer.finish();
  }

  /**
   * Unpacks what {@linkcode PixelGroups.toBytes} made.
   *
   * @throws {RangeError} If the bytes are not whole pixel groups.
   */
  static fromBytes(bytes: Uint8Array): PixelGroups {
    const reader = new RecordReader(KIND, bytes);
    const groups = new PixelGroups();
    for (let left = reader.integer(); left > 0; left--) {
      const group = reader.integer();
      if (group >= 2 * GROUPS || groups.#groups.has(group)) {
        reader.refuse("must hold each group once", `group ${group}`);
      }
      readGroup(reader, groups.#scratch);
      groups.#put(group);
    }
    reader.finish();
    return groups;
  }
}

/** Reads the bins of a group. */
function readGroup(
  reader: RecordReader,
  { good, defective, weights }: ReturnType<typeof noCounts>,
): void {
  let next = 0;
  for (let left = reader.integer(); left > 0; left--) {
    const bin = next + reader.integer();
    if (bin >= BINS) reader.refuse("must count known bins", `bin ${bin}`);
    good[bin] = reader.integer();
    defective[bin] = reader.integer();
    if (defective[bin] > 0) weights[bin] = reader.integer();
    next = bin + 1;
  }
}
