/**
 * How the images of a run are divided into shards.
 *
 * @module
 */
import type { Plan, PlanItem } from "./run.ts";

type Sized = Pick<PlanItem, "size">;

/** The images of a shard by their position in the run, `end` excluded. */
export interface ShardRange {
  /** The first image. */
  readonly start: number;
  /** The first image after the last one. */
  readonly end: number;
}

/** Work per image besides its bytes, counted in bytes. */
const BYTES_PER_IMAGE = 1 << 18;

/** The work of an image. */
export function weightOf({ size }: Sized): number {
  return size + BYTES_PER_IMAGE;
}

/** Divides the images of a run into ranges with about the same work. */
export class ShardDivider {
  readonly #total: number;
  readonly #ends: number[];
  #before = 0;
  #position = 0;

  /**
   * Starts before the first image.
   *
   * @param total The {@linkcode weightOf} of all images together.
   * @param shards How many ranges there are.
   */
  constructor(total: number, shards: number) {
    this.#total = total;
    this.#ends = new Array<number>(shards).fill(0);
  }

  /** Gives the next image to a shard. */
  add(item: Sized): void {
    const weight = weightOf(item);
    const middle = (this.#before + weight / 2) / this.#total;
    const last = this.#ends.length - 1;
    this.#before += weight;
    this.#position++;
    const shard = Math.min(Math.floor(middle * this.#ends.length), last);
    this.#ends[shard] = this.#position;
  }

  /** The range of each shard, in order; some may be empty. */
  get ranges(): ShardRange[] {
    return rangesTo(this.#ends);
  }
}

/**
 * Divides the images of a run into shards.
 *
 * @param run Its images, which are gone through twice, and its settings.
 * @returns The range of each shard, in order; some may be empty.
 */
export function shardRanges(
  { items, header: { shards } }: {
    readonly items: Iterable<Sized>;
    readonly header: Pick<Plan["header"], "shards">;
  },
): ShardRange[] {
  let total = 0;
  for (const item of items) total += weightOf(item);
  const divider = new ShardDivider(total, shards);
  for (const item of items) divider.add(item);
  return divider.ranges;
}

/**
 * Ranges that follow one another.
 *
 * @param ends The position after the last image of each; 0 for an empty one.
 */
export function rangesTo(ends: readonly number[]): ShardRange[] {
  let start = 0;
  return ends.map((end) => {
    const range = { start, end: Math.max(start, end) };
    start = range.end;
    return range;
  });
}

/**
 * The range of one shard.
 *
 * @param plan The run.
 * @param shard Which shard, counted from 0.
 * @returns Its images by their position in the run.
 * @throws {RangeError} If the run has no such shard.
 */
export function shardRange(
  plan: Pick<Plan, "ranges" | "header">,
  shard: number,
): ShardRange {
  const range = plan.ranges[shard];
  if (range !== undefined) return range;
  throw new RangeError(
    `Cannot run a shard as it must be from 0 to ${
      plan.header.shards - 1
    }: current value is ${shard}`,
  );
}
