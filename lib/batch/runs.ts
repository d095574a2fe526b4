/**
 * The runs whose results lie in one folder.
 *
 * @module
 */
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";

const RUN_REGEXP = /^runs\/([0-9a-f]{64})\//;

async function firstAfter(
  out: ObjectStore,
  startAfter: string,
  options: StoreOptions,
): Promise<string | undefined> {
  for await (const { key } of out.list("runs/", { ...options, startAfter })) {
    const [, run] = RUN_REGEXP.exec(key) ?? [];
    if (run !== undefined) return run;
  }
  return undefined;
}

/**
 * Lists the runs that were planned, with one request per run.
 *
 * @param out Where the results lie.
 * @param options How to stop.
 * @yields The ids of the runs, in order.
 * @throws {StorageError} If the store fails.
 */
export async function* listRuns(
  out: ObjectStore,
  options: StoreOptions = {},
): AsyncGenerator<string> {
  let run = await firstAfter(out, "", options);
  while (run !== undefined) {
    yield run;
    run = await firstAfter(out, `runs/${run}0`, options);
  }
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
