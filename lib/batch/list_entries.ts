/**
 * Lists of addresses as inputs.
 *
 * @module
 */
import { archiveName } from "../data/archive.ts";
import { DataSetError } from "../data/sample.ts";
import { ahead } from "../evaluation/ahead.ts";
import { withTidyKeys } from "./item_keys.ts";
import { type ListEntry, parseList } from "./list_file.ts";
import type { InputListing, ListInputOptions } from "./list_input.ts";
import type { BatchInput, PlanItem } from "./run.ts";
import { findObject } from "./stored_sources.ts";
import { addressIn } from "./stores.ts";

/** Objects of a list that are looked up at a time. */
const LOOKUPS = 16;

/** What an address in a list stands for. */
interface Place {
  readonly key: string;
  readonly path: string;
}

/** `s3://bucket/a.png` -> `bucket/a.png`; below the list it is the path. */
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

async function lookUp(
  { stores }: BatchInput,
  { uri, category, label, mask }: ListEntry,
  options: ListInputOptions & { readonly base: string },
): Promise<PlanItem> {
  const { base, object } = options;
  const { key, path } = placeOf(uri, base);
  const place = stores.object(path);
  const info = await place.store.head(place.key, options);
  const maskPath = mask === null ? null : placeOf(mask, base).path;
  if (maskPath !== null) stores.object(maskPath);
  return {
    key,
    path,
    category: category ?? object,
    label,
    mask: maskPath,
    size: info?.size ?? 0,
    etag: info?.etag ?? "",
  };
}

function assertOnce(location: string, items: readonly PlanItem[]): void {
  const again = items.find(({ key }, i) => key === items[i - 1]?.key);
  if (again === undefined) return;
  throw new DataSetError(
    `Cannot read the list ${location} as it must name each image once: current value is ${again.key} twice`,
  );
}

/** Takes the categories asked for, which must be in the list. */
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
 * Lists the images that a list names, and looks each of them up.
 *
 * @param input The list.
 * @param options What to take of it.
 * @returns Its images.
 * @throws {DataSetError} If there is no such list, or it is not as it must be.
 * @throws {StorageError} If a store fails.
 */
export async function listEntries(
  input: BatchInput,
  options: ListInputOptions,
): Promise<InputListing> {
  const { store, key } = input.stores.object(input.uri);
  await findObject(store, key, options);
  const bytes = await store.read(key, options);
  const uri = `${store.uri}${key}`;
  const entries = select(uri, parseList(uri, bytes), options);
  const found = ahead(
    ReadableStream.from(entries),
    (entry) => lookUp(input, entry, { ...options, base: store.uri }),
    LOOKUPS,
  );
  const items = withTidyKeys(await Array.fromAsync(found));
  assertOnce(uri, items);
  return {
    kind: "list",
    uri: addressIn(store, key),
    name: archiveName(key).replace(/\.\w+$/, ""),
    categories: [...new Set(items.map(({ category }) => category))].sort(),
    items,
    ordered: (some) => Promise.resolve([...some]),
  };
}
