/**
 * Pixels by groups of images, for the intervals of pixel metrics.
 *
 * @module
 */
import { Random } from "../random.ts";
import { LEAST_IMAGES, percentileInterval } from "./bootstrap.ts";
import { type RecordKind, RecordReader, RecordWriter } from "./byte_record.ts";
import {
  addCounts,
  BINS,
  clearCounts,
  countPixels,
  noCounts,
  type SparseCounts,
  toSparse,
} from "./coarse_counts.ts";
import type { DefectMask } from "./connected_components.ts";
import {
  drawStrata,
  PIXEL_METRICS,
  PIXEL_REPLICATES,
  PixelDraws,
  type PixelIntervals,
  type PixelMetric,
  type PixelValues,
} from "./pixel_draws.ts";

const KIND: RecordKind = { name: "pixel groups", magic: "MFPG", version: 1 };

/**
 * Groups of each label. An image belongs to the group that its key names, so
 * that no more is kept of a million images than of a thousand. Few images seldom
 * share a group: of 100, 5.
 */
const GROUPS = 1024;

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
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

  /**
   * The groups of one label, in order.
   *
   * @param label 1 for defective images.
   * @returns Number of a group -> its counts.
   */
  ofLabel(label: 0 | 1): ReadonlyMap<number, SparseCounts> {
    const own = [...this.#groups].filter(([group]) =>
      Math.floor(group / GROUPS) === label
    );
    return new Map(
      own.sort(([a], [b]) => a - b)
        .map(([group, counts]) => [group % GROUPS, counts]),
    );
  }

  /**
   * The same pixels in fewer groups, to be kept for later.
   *
   * @param count How many groups of each label there are at most.
   */
  folded(count: number): PixelGroups {
    const folded = new PixelGroups();
    for (const label of [0, 1] as const) {
      for (const [group, counts] of this.ofLabel(label)) {
        addCounts(folded.#scratch, counts, 1);
        folded.#put(label * GROUPS + group % count);
      }
    }
    return folded;
  }

  /**
   * Computes metrics of images that are drawn anew, around exact values.
   *
   * @param exact The values; metrics without one have no replicates.
   * @returns None with fewer than two groups of defective images.
   */
  replicates(
    exact: PixelValues,
  ): Readonly<Partial<Record<PixelMetric, Float64Array>>> {
    const strata = [
      [...this.ofLabel(0).values()],
      [...this.ofLabel(1).values()],
    ] as const;
    if (strata[1].length < LEAST_IMAGES) return {};
    const draws = new PixelDraws(strata);
    const whole = draws.metrics();
    const random = new Random("bootstrap/pixels");
    const replicates = Array.from(
      drawStrata(strata, random),
      (times) => draws.metrics(times),
    );
    return Object.fromEntries(PIXEL_METRICS.flatMap((name) => {
      const [value, centre] = [exact[name], whole[name]];
      if (value === null || centre === null) return [];
      const moved = replicates.map((replicate) => replicate[name])
        .filter((replicate) => replicate !== null)
        .map((replicate) => clamp(value + replicate - centre));
      if (moved.length < PIXEL_REPLICATES / 2) return [];
      return [[name, Float64Array.from(moved)]];
    }));
  }

  /**
   * Computes the intervals around exact values.
   *
   * @param exact The values; metrics without one have no interval.
   * @returns No interval with fewer than two groups of defective images.
   */
  intervals(exact: PixelValues): PixelIntervals {
    return Object.fromEntries(
      Object.entries(this.replicates(exact)).map(([name, values]) =>
        [name, percentileInterval(values)] as const
      ),
    );
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
