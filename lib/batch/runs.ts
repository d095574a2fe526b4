/**
 * The runs whose results lie in one place.
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
 * Lists the runs that were planned, with one request for each.
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
