/**
 * How far a run is.
 *
 * @module
 */
import type { StoreOptions } from "../storage/object_store.ts";
import type { Plan } from "./plan.ts";

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
 * Finds out how far a run is from what is stored of it.
 *
 * @param plan The run.
 * @returns Images done, by shard.
 * @throws {StorageError} If the store fails.
 */
export function runState(
  plan: Plan,
  options: StoreOptions = {},
): Promise<RunState> {
  throw new Error(`Cannot tell ${plan.run} ${options.signal} yet`);
}
