/**
 * How the images of a run are divided into shards.
 *
 * @module
 */
import type { Plan, PlanItem } from "./run.ts";

/** The images of a shard by their position in the run, `end` excluded. */
export interface ShardRange {
  readonly start: number;
  readonly end: number;
}

/** Work per image besides its bytes, counted in bytes. */
const BYTES_PER_IMAGE = 1 << 18;

function weightOf({ size }: PlanItem): number {
  return size + BYTES_PER_IMAGE;
}

/**
 * Divides the images of a run into ranges with about the same work.
 *
 * @param plan The run.
 * @returns The range of each shard, in order; some may be empty.
 */
export function shardRanges(
  { items, header: { shards } }: Pick<Plan, "items" | "header">,
): ShardRange[] {
  const total = items.reduce((sum, item) => sum + weightOf(item), 0);
  const ends = new Array<number>(shards).fill(0);
  let before = 0;
  for (const [i, item] of items.entries()) {
    const weight = weightOf(item);
    const middle = (before + weight / 2) / total;
    ends[Math.min(Math.floor(middle * shards), shards - 1)] = i + 1;
    before += weight;
  }
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
export function shardRange(plan: Plan, shard: number): ShardRange {
  const range = shardRanges(plan)[shard];
  if (range !== undefined) return range;
  throw new RangeError(
    `Cannot run a shard as it must be from 0 to ${
      plan.header.shards - 1
    }: current value is ${shard}`,
  );
}
