/**
 * Whether the shards of a run were merged.
 *
 * @module
 */
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";

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
 * Tells whether the results of a run were merged, by its summary.
 *
 * @param out Where the results lie.
 * @param run The run.
 * @param options How to stop.
 * @throws {StorageError} If the store fails.
 */
export async function isMerged(
  out: ObjectStore,
  run: string,
  options: StoreOptions = {},
): Promise<boolean> {
  return await out.head(summaryKey(run), options) !== null;
}
