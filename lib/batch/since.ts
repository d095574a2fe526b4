/**
 * Images that earlier runs have scored, which a later run skips.
 *
 * @module
 */
import { DataSetError } from "../data/sample.ts";
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";
import { readRunManifest } from "./manifest.ts";
import { decodeErrors, errorsPrefix } from "./part.ts";
import type { PlanHeader, PlanItem } from "./run.ts";
import { isMerged, listRuns } from "./runs.ts";

/** Earlier runs, and the images that they scored. */
export interface Earlier {
  /** Their ids, sorted. */
  readonly runs: readonly string[];
  /** Whether they scored an image of an input with its present bytes. */
  has(item: PlanItem, input: InputPlace): boolean;
}

/** Where the images of an input lie. */
type InputPlace = Pick<PlanHeader["input"], "uri" | "kind">;

/** Runs over several inputs may share a folder, so a key is not enough. */
function identity({ path, etag }: PlanItem, { uri, kind }: InputPlace): string {
  const address = kind === "list" ? path : `${uri}${path}`;
  return `${etag}/${address}`;
}

/**
 * Keys of images that a run could not read, because they were gone or being
 * changed. They may be back with the same bytes.
 */
async function unreadKeys(
  out: ObjectStore,
  run: string,
  options: StoreOptions,
): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const info of out.list(errorsPrefix(run), options)) {
    const bytes = await out.read(info.key, options);
    for (const { key, stage } of decodeErrors(`${out.uri}${info.key}`, bytes)) {
      if (stage === "read") keys.add(key);
    }
  }
  return keys;
}

/** The merged runs to start from. */
async function firstRuns(
  out: ObjectStore,
  since: string,
  options: StoreOptions,
): Promise<string[]> {
  if (since === "last") {
    const merged: string[] = [];
    for await (const run of listRuns(out, options)) {
      if (await isMerged(out, run, options)) merged.push(run);
    }
    return merged;
  }
  const { items } = await readRunManifest(out, since, options);
  if (items.length === 0 || await isMerged(out, since, options)) return [since];
  throw new DataSetError(
    `Cannot score what is new since the run ${since} as it must be merged: it is not, so some of its images may have no score`,
  );
}

/**
 * Reads what runs have scored, and the runs that they were based on.
 *
 * @param out Where the results lie.
 * @param since The id of a run, "last" for all merged runs, or undefined for
 * none.
 * @param options How to stop.
 * @returns The runs and their images.
 * @throws {DataSetError} If there is no such run, or it is not merged.
 * @throws {StorageError} If the store fails.
 */
export async function readEarlier(
  out: ObjectStore,
  since: string | undefined,
  options: StoreOptions = {},
): Promise<Earlier> {
  // The loop below adds to this set, and also visits what it added.
  const runs = new Set(
    since === undefined ? [] : await firstRuns(out, since, options),
  );
  const scored = new Set<string>();
  for (const run of runs) {
    const { header, items } = await readRunManifest(out, run, options);
    header.since.forEach((earlier) => runs.add(earlier));
    const unread = await unreadKeys(out, run, options);
    for await (const item of items) {
      const isGone = item.etag !== "" && unread.has(item.key);
      if (!isGone) scored.add(identity(item, header.input));
    }
  }
  return {
    runs: [...runs].sort(),
    has: (item, input) => scored.has(identity(item, input)),
  };
}
