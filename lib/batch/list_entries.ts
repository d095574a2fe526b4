/**
 * Lists of addresses as inputs.
 *
 * @module
 */
import { archiveName } from "../data/archives/archive.ts";
import { DataSetError } from "../data/sample.ts";
import { ahead } from "../async/ahead.ts";
import { withTidyKeys } from "./item_keys.ts";
import { entriesOfSplit } from "../data/lists/entries_of_split.ts";
import type { ListEntry } from "../data/lists/entry_reader.ts";
import { parseList } from "../data/lists/list_file.ts";
import { tidyPath } from "../data/layouts/listed.ts";
import type {
  InputListing,
  ListInputOptions,
} from "./listing/input_listing.ts";
import type { BatchInput, PlanItem } from "./run.ts";
import { assertReadable, findObject, MOST_BYTES } from "./stored_sources.ts";
import { addressIn } from "./stores.ts";

/** Objects of a list that are looked up at a time. */
const LOOKUPS = 16;

/** The place that an address in a list names. */
interface Place {
  readonly key: string;
  readonly path: string;
}

/** `s3://bucket/a.png` -> `bucket/a.png`; the path, if it is below the list. */
function placeOf(uri: string, base: string): Place {
  if (/^([a-z][a-z0-9+.-]*:\/\/|\/)/i.test(uri)) {
    const key = uri.startsWith(base)
      ? uri.slice(base.length)
      : uri.replace(/^[a-z][a-z0-9+.-]*:\/\/+/i, "").replace(/^\/+/, "");
    return { key, path: uri };
  }
  const key = uri.split("/").filter((part) => part !== ".").join("/");
  return { key, path: addressIn({ uri: base }, key) };
}

interface LookUpOptions extends ListInputOptions {
  readonly base: string;
}

/** `images\1.png` of Windows is a path where there is no object of that name. */
async function find(
  { stores }: BatchInput,
  uri: string,
  options: LookUpOptions,
) {
  const names = uri.includes("\\") && !uri.includes("://")
    ? [uri, tidyPath(uri)]
    : [uri];
  const found = [];
  for (const name of names) {
    const { key, path } = placeOf(name, options.base);
    const { store, key: own } = stores.object(path);
    const info = await store.head(own, options);
    if (info !== null) return { key, path: addressIn(store, own), info };
    found.push({ key, path: addressIn(store, own), info });
  }
  return found[0]!;
}

async function lookUp(
  input: BatchInput,
  { uri, category, label, defect, masks }: ListEntry,
  options: LookUpOptions,
): Promise<PlanItem> {
  const { key, path, info } = await find(input, uri, options);
  const maskPaths: string[] = [];
  for (const mask of label === 1 ? masks : []) {
    // Only a mask of Windows needs to be looked up for its name.
    const isWindows = mask.includes("\\");
    const place = isWindows
      ? await find(input, mask, options)
      : placeOf(mask, options.base);
    input.stores.object(place.path);
    maskPaths.push(place.path);
  }
  return {
    key,
    path,
    category: category ?? options.object,
    label,
    ...defect !== null && { defect },
    masks: maskPaths,
    size: info?.size ?? 0,
    etag: info?.etag ?? "",
  };
}

/** Each object may occur once, and so may each key of results. */
function assertOnce(location: string, items: readonly PlanItem[]): void {
  const paths = new Set<string>();
  const again = items.find(({ path }) => paths.size === paths.add(path).size);
  if (again !== undefined) {
    throw new DataSetError(
      `Cannot read the list ${location} as it must name each image once: current value is ${again.path} twice`,
    );
  }
  const next = items.findIndex(({ key }, i) => key === items[i - 1]?.key);
  if (next === -1) return;
  const [first, second] = [items[next - 1]!, items[next]!];
  throw new DataSetError(
    `Cannot read the list ${location} as its images must differ in more than the bucket or the form of the address: current values are ${first.path} and ${second.path}`,
  );
}

/** Selects categories, which must be in the list. */
function select(
  location: string,
  entries: readonly ListEntry[],
  { categories: wanted, object }: ListInputOptions,
): readonly ListEntry[] {
  if (wanted === undefined) return entries;
  const there = new Set(entries.map(({ category }) => category ?? object));
  const unknown = wanted.find((name) => !there.has(name));
  if (unknown === undefined) {
    return entries.filter(({ category }) =>
      wanted.includes(category ?? object)
    );
  }
  const names = [...there].sort().join(", ");
  throw new DataSetError(
    `Cannot read the list ${location} as its categories must be among ${names}: current value is ${unknown}`,
  );
}

/**
 * Lists the images that a list names, and looks up size and ETag of each.
 *
 * @param input The list.
 * @param options Which images to take.
 * @returns Its images.
 * @throws {DataSetError} If there is no such list, or it cannot be used.
 * @throws {StorageError} If a store fails.
 */
export async function listEntries(
  input: BatchInput,
  options: ListInputOptions,
): Promise<InputListing> {
  const { store, key } = input.stores.object(input.uri);
  const { info } = await findObject(store, key, options);
  const uri = `${store.uri}${key}`;
  assertReadable(uri, info.size);
  const bytes = await store.read(key, {
    ...options,
    etag: info.etag,
    maxBytes: MOST_BYTES,
  });
  const all = entriesOfSplit(parseList(uri, bytes, options), "test");
  const entries = select(uri, all.entries, options);
  const found = ahead(
    ReadableStream.from(entries),
    (entry) => lookUp(input, entry, { ...options, base: store.uri }),
    LOOKUPS,
  );
  const items = withTidyKeys(await Array.fromAsync(found));
  assertOnce(uri, items);
  const filled = new Set(items.map(({ category }) => category));
  return {
    kind: "list",
    uri: addressIn(store, key),
    name: archiveName(key).replace(/\.\w+$/, ""),
    categories: [...filled].sort(),
    items,
    filled,
    reading: { layout: "a list", notes: all.notes },
    ordered: (some) => Promise.resolve(some),
  };
}
