/**
 * Images that earlier runs have scored, which a later run skips.
 *
 * @module
 */
import { visitAll } from "../async/visit_all.ts";
import { DataSetError } from "../data/sample.ts";
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";
import { Marks } from "./listing/marks.ts";
import { readEtag, writeEtag } from "./listing/packed_files.ts";
import {
  type Codec,
  type KeyedRecord,
  SortedRecords,
} from "./listing/sorted_records.ts";
import { readRunManifest } from "./manifest.ts";
import { decodeErrors, errorsPrefix } from "./part.ts";
import type { PlanHeader, PlanItem } from "./run.ts";
import { isMerged, listRuns } from "./runs.ts";

/** Earlier runs, and the images that they scored. */
export interface Earlier {
  /** Their ids, sorted. */
  readonly runs: readonly string[];
  /** Address -> ETag of what they scored; an address may be there again. */
  readonly images: SortedRecords<string>;
}

/** Where the images of an input lie. */
type InputPlace = Pick<PlanHeader["input"], "uri" | "kind">;

const ETAG: Codec<string> = { write: writeEtag, read: readEtag };

/** Runs over several inputs may share a folder, so a key is not enough. */
function addressOf(
  { path }: Pick<PlanItem, "path">,
  { uri, kind }: InputPlace,
): string {
  return kind === "list" ? path : `${uri}${path}`;
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
  const images = new SortedRecords(ETAG);
  for (const run of runs) {
    const { header, items } = await readRunManifest(out, run, options);
    header.since.forEach((earlier) => runs.add(earlier));
    const unread = await unreadKeys(out, run, options);
    for await (const item of items.slice(0, items.length, options)) {
      const isGone = item.etag !== "" && unread.has(item.key);
      if (!isGone) images.add(addressOf(item, header.input), item.etag);
    }
  }
  return { runs: [...runs].sort(), images };
}

/** Answers questions for addresses in ascending order, in one pass. */
class ScoredCursor {
  readonly #records: Iterator<KeyedRecord<string>>;
  #next: KeyedRecord<string> | undefined;
  #address = "";
  #etags: string[] = [];

  constructor(images: SortedRecords<string>) {
    this.#records = images[Symbol.iterator]();
    this.#advance();
  }

  #advance(): void {
    const { done, value } = this.#records.next();
    this.#next = done ? undefined : value;
  }

  has(address: string, etag: string): boolean {
    if (address !== this.#address) this.#seek(address);
    return this.#etags.includes(etag);
  }

  #seek(address: string): void {
    this.#address = address;
    this.#etags = [];
    while (this.#next !== undefined && this.#next[0] <= address) {
      if (this.#next[0] === address) this.#etags.push(this.#next[1]);
      this.#advance();
    }
  }
}

interface Placed {
  readonly position: number;
  readonly etag: string;
}

const PLACED: Codec<Placed> = {
  write({ position, etag }, to) {
    to.number(position);
    writeEtag(etag, to);
  },
  read: (from) => ({ position: from.number(), etag: readEtag(from) }),
};

/** Whether the addresses of images ascend, as they do in nearly all folders. */
async function ascend(
  items: Iterable<PlanItem>,
  place: InputPlace,
  { signal }: StoreOptions,
): Promise<boolean> {
  let isAscending = true;
  let before = "";
  await visitAll(items, (item) => {
    const address = addressOf(item, place);
    isAscending &&= before <= address;
    before = address;
  }, signal);
  return isAscending;
}

/** Images by address, where their own order is another one. */
async function byAddress(
  items: Iterable<PlanItem>,
  place: InputPlace,
  { signal }: StoreOptions,
): Promise<SortedRecords<Placed>> {
  const sorted = new SortedRecords(PLACED);
  await visitAll(items, (item) => {
    const { etag } = item;
    sorted.add(addressOf(item, place), { position: sorted.size, etag });
  }, signal);
  return sorted;
}

function* inOrder(
  items: Iterable<PlanItem>,
  place: InputPlace,
): Generator<KeyedRecord<Placed>> {
  let position = 0;
  for (const item of items) {
    const { etag } = item;
    yield [addressOf(item, place), { position: position++, etag }];
  }
}

/**
 * Finds the images of an input that earlier runs have scored with their present
 * bytes, by one pass through both in the order of addresses.
 *
 * @param items The images of the input.
 * @param place Where they lie.
 * @param earlier What was scored.
 * @param options How to stop.
 * @returns Their positions.
 */
export async function findScored(
  items: Iterable<PlanItem>,
  place: InputPlace,
  { images }: Earlier,
  options: StoreOptions = {},
): Promise<Marks> {
  const scored = new Marks();
  if (images.size === 0) return scored;
  const placed = await ascend(items, place, options)
    ? inOrder(items, place)
    : await byAddress(items, place, options);
  const cursor = new ScoredCursor(images);
  await visitAll(placed, ([address, { position, etag }]) => {
    if (cursor.has(address, etag)) scored.add(position);
  }, options.signal);
  return scored;
}
