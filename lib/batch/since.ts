/**
 * What earlier runs have scored, so that a later one need not.
 *
 * @module
 */
import { DataSetError } from "../data/sample.ts";
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";
import { readManifest } from "./manifest.ts";
import { decodeErrors, errorsPrefix } from "./part.ts";
import { LAST_MERGED, putPointer, readPointer } from "./pointers.ts";
import type { Plan, PlanHeader, PlanItem } from "./run.ts";

/** Earlier runs, and the images that they scored. */
export interface Earlier {
  /** Their ids, the latest first. */
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
    for (const { key, stage } of decodeErrors(bytes)) {
      if (stage === "read") keys.add(key);
    }
  }
  return keys;
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
    const unread = await unreadKeys(out, run, options);
    for (const item of items) {
      const isGone = item.etag !== "" && unread.has(item.key);
      if (!isGone) scored.add(identity(item, header.input));
    }
    return header.since;
  };
  if (first !== null) {
    for (const run of await read(first)) await read(run);
  }
  return { runs, has: (item, input) => scored.has(identity(item, input)) };
}

/** Whether the run that was merged last was planned since this one. */
async function isPast(
  { out, run, header }: Plan,
  options: StoreOptions,
): Promise<boolean> {
  try {
    const last = await readPointer(out, LAST_MERGED, options);
    if (last === null || last === run) return false;
    if (header.since.includes(last)) return false;
    return (await readManifest(out, last, options)).header.since.includes(run);
  } catch (error) {
    if (error instanceof DataSetError) return false;
    throw error;
  }
}

/**
 * Notes that a run is the one that was merged last, unless it is merged again
 * after one that was planned since it.
 *
 * @param plan The run.
 * @param options How to stop.
 * @throws {StorageError} If the store fails.
 */
export async function noteMerged(
  plan: Plan,
  options: StoreOptions = {},
): Promise<void> {
  const { items, out, run } = plan;
  if (items.length === 0 || await isPast(plan, options)) return;
  await putPointer(out, { key: LAST_MERGED, run }, options);
}
