/**
 * How far a run is.
 *
 * @module
 */
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";
import { findPart, partsByShard } from "./chain.ts";
import type { PartName } from "./part.ts";
import type { Plan } from "./run.ts";
import { type ShardRange, shardRanges } from "./shard_range.ts";

/** Where one shard of a run stands. */
export interface ShardState {
  /** Which shard, counted from 0. */
  readonly shard: number;
  /** Images whose rows are stored, with or without a score. */
  readonly done: number;
  /** Images of the shard. */
  readonly total: number;
}

/** Where a run stands. */
export interface RunState {
  /** Images whose rows are stored, with or without a score. */
  readonly done: number;
  /** Images of the run. */
  readonly total: number;
  /** The same by shard. */
  readonly shards: readonly ShardState[];
  /** Whether results were merged. */
  readonly merged: boolean;
}

/**
 * The key of a run's summary.
 *
 * @param run The run.
 * @returns The key below the results' root.
 */
export function summaryKey(run: string): string {
  return `runs/${run}/summary.json`;
}

/**
 * Whether the results of a run were merged.
 *
 * @param out Where the results lie.
 * @param run The run.
 * @param options How to stop.
 * @returns Whether they were.
 * @throws {StorageError} If the store fails.
 */
export async function isMerged(
  out: ObjectStore,
  run: string,
  options: StoreOptions = {},
): Promise<boolean> {
  return await out.head(summaryKey(run), options) !== null;
}

/** Parts follow each other, so only the length of the last is not known. */
async function doneOf(
  plan: Plan,
  { start }: ShardRange,
  parts: readonly PartName[],
): Promise<number> {
  const last = parts.at(-1);
  if (last === undefined) return 0;
  const part = await findPart(plan, last);
  return last.start + (part?.rows.length ?? 0) - start;
}

/**
 * Finds out how far a run is from what is stored of it.
 *
 * @param plan The run.
 * @param options How to stop.
 * @returns Images done, by shard.
 * @throws {DataSetError} If a part is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function runState(
  plan: Plan,
  options: StoreOptions = {},
): Promise<RunState> {
  const parts = await partsByShard(plan, options);
  const shards = await Promise.all(
    shardRanges(plan).map(async (range, shard): Promise<ShardState> => ({
      shard,
      done: await doneOf(plan, range, parts.get(shard) ?? []),
      total: range.end - range.start,
    })),
  );
  return {
    done: shards.reduce((sum, { done }) => sum + done, 0),
    total: plan.items.length,
    shards,
    merged: await isMerged(plan.out, plan.run, options),
  };
}
