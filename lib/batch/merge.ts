/**
 * The results of all shards as one.
 *
 * @module
 */
import type { ScoreRow, Summary } from "../report/summary.ts";
import type { StoreOptions } from "../storage/object_store.ts";
import type { Plan } from "./plan.ts";
import type { Stores } from "./stores.ts";

/** Options of {@linkcode mergeRun}. */
export interface MergeOptions extends StoreOptions {
  /** Opens the input, for the pictures of the report. */
  readonly stores: Stores;
}

/** What a merge wrote. */
export interface Merged {
  /** The content of `summary.json`. */
  readonly summary: Summary;
  /** The content of `scores.parquet`, ordered by key. */
  readonly rows: readonly ScoreRow[];
}

/**
 * Merges the parts of all shards into `runs/<run>/scores.parquet`,
 * `report.html` and, last, `summary.json`. All figures are bit for bit those
 * of a run in one shard.
 *
 * @param plan The run.
 * @param options How to open the input.
 * @returns What was written.
 * @throws {RangeError} If images are not scored yet.
 * @throws {DataSetError} If a part is damaged, or not one of this run.
 * @throws {StorageError} If a store fails.
 */
export function mergeRun(plan: Plan, options: MergeOptions): Promise<Merged> {
  throw new Error(`Cannot merge ${plan.run} ${typeof options.stores} yet`);
}
