/**
 * What earlier runs have scored, so that a later one need not.
 *
 * @module
 */
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";
import { readManifest } from "./manifest.ts";
import type { PlanItem } from "./run.ts";
import { LAST_MERGED, readPointer } from "./pointers.ts";

/** Earlier runs, and the images that they scored. */
export interface Earlier {
  /** Their ids, the latest first. */
  readonly runs: readonly string[];
  /** Whether an image, with the bytes it has now, is among theirs. */
  has(item: PlanItem): boolean;
}

function identity({ key, etag }: PlanItem): string {
  return `${etag}/${key}`;
}

/**
 * Reads what a run and those that it was planned since have scored.
 *
 * @param out Where the results lie.
 * @param since The id of the run, or "last" for the one merged last, if any
 * was; undefined for none.
 * @param options How to stop.
 * @returns The runs and their images.
 * @throws {DataSetError} If there is no such run.
 * @throws {StorageError} If the store fails.
 */
export async function readEarlier(
  out: ObjectStore,
  since: string | undefined,
  options: StoreOptions = {},
): Promise<Earlier> {
  const first = since === "last"
    ? await readPointer(out, LAST_MERGED, options)
    : since ?? null;
  const runs: string[] = [];
  const scored = new Set<string>();
  const read = async (run: string) => {
    const { header, items } = await readManifest(out, run, options);
    runs.push(run);
    for (const item of items) scored.add(identity(item));
    return header.since;
  };
  if (first !== null) {
    for (const run of await read(first)) await read(run);
  }
  return { runs, has: (item) => scored.has(identity(item)) };
}
