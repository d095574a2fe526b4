/**
 * What earlier runs have scored, so that a later one need not.
 *
 * @module
 */
import { DataSetError } from "../data/sample.ts";
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";
import { readRunManifest } from "./manifest.ts";
import { decodeErrors, errorsPrefix } from "./part.ts";
import type { PlanHeader, PlanItem } from "./run.ts";
import { listRuns } from "./runs.ts";
import { isMerged } from "./merged.ts";

/** Earlier runs, and the images that they scored. */
export interface Earlier {
  /** Their ids, sorted. */
  readonly runs: readonly string[];
  /** Whether an image of an input, with the bytes it has now, is among theirs. */
  has(item: PlanItem, input: InputPlace): boolean;
}

/** An input, as far as it says where images lie. */
type InputPlace = Pick<PlanHeader["input"], "uri" | "kind">;

/** Runs over several inputs may go to one place, so keys alone say too little. */
function identity({ path, etag }: PlanItem, { uri, kind }: InputPlace): string {
  const address = kind === "list" ? path : `${uri}${path}`;
  return `${etag}/${address}`;
}

/**
 * Keys of images that a run could not read as they were gone or being changed.
 * They may be there again, with the very same bytes.
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

/** The runs to start from, each of which was merged. */
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
 * Reads what runs and those that they were planned since have scored.
 *
 * @param out Where the results lie.
 * @param since The id of a run, or "last" for all that are merged by now;
 * undefined for none.
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
  // A set that grows while it is gone through.
  const runs = new Set(
    since === undefined ? [] : await firstRuns(out, since, options),
  );
  const scored = new Set<string>();
  for (const run of runs) {
    const { header, items } = await readRunManifest(out, run, options);
    header.since.forEach((earlier) => runs.add(earlier));
    const unread = await unreadKeys(out, run, options);
    for (const item of items) {
      const isGone = item.etag !== "" && unread.has(item.key);
      if (!isGone) scored.add(identity(item, header.input));
    }
  }
  return {
    runs: [...runs].sort(),
    has: (item, input) => scored.has(identity(item, input)),
  };
}
