/**
 * Lists the images of an input, whatever its kind.
 *
 * @module
 */
import { archiveName } from "../data/archive.ts";
import type { Item } from "../data/layout.ts";
import { listSource } from "../data/open.ts";
import { DataSetError } from "../data/sample.ts";
import type { Source } from "../data/source.ts";
import { ahead } from "../evaluation/ahead.ts";
import type { StoreOptions } from "../storage/object_store.ts";
import { type ListEntry, parseList } from "./list_file.ts";
import type { BatchInput, InputKind, PlanItem } from "./run.ts";
import {
  archiveSource,
  findObject,
  folderSource,
  storageCause,
} from "./stored_sources.ts";

/** Options of {@linkcode listInput}. */
export interface ListInputOptions extends StoreOptions {
  /** Takes only these categories. */
  readonly categories?: readonly string[];
  /** Category of images that lie in no folder. */
  readonly object: string;
}

/** What an input holds. */
export interface InputListing {
  /** What kind of input it is. */
  readonly kind: InputKind;
  /** Its whole address. */
  readonly uri: string;
  /** Name of the data set. */
  readonly name: string;
  /** All categories taken, those without images included. */
  readonly categories: readonly string[];
  /** The images, ordered by key (code units). */
  readonly items: readonly PlanItem[];
  /** Puts some of the images in the order in which they are best read. */
  readonly ordered: (items: readonly PlanItem[]) => Promise<PlanItem[]>;
}

/** Objects of a list that are looked up at a time. */
const LOOKUPS = 16;

/**
 * Tells what kind of input an address names.
 *
 * @param uri The address.
 * @returns The kind, by the end of its name.
 */
export function inputKind(uri: string): InputKind {
  if (/\.(csv|jsonl|ndjson)$/i.test(uri)) return "list";
  return /\.(zip|tar|tgz|txz|tar\.(gz|xz))$/i.test(uri) ? "archive" : "folder";
}

function layoutOptions({ categories, object }: ListInputOptions) {
  return { object, ...categories !== undefined && { categories } };
}

function toPlanItem(
  { key, category, label, mask }: Item,
  root: string,
  { size, etag }: Pick<PlanItem, "size" | "etag">,
): PlanItem {
  const prefix = root === "" ? "" : `${root}/`;
  const path = prefix + key;
  const there = mask === null ? null : prefix + mask;
  return { key, path, category, label, mask: there, size, etag };
}

async function listFolder(
  { uri, stores }: BatchInput,
  options: ListInputOptions,
): Promise<InputListing> {
  const source = await folderSource(stores.folder(uri), options);
  if (source.files.length === 0) {
    throw new DataSetError(
      `Cannot open the data set at ${source.location} as it must hold images: nothing was found`,
    );
  }
  const { root, categories, items } = await listSource(
    source,
    layoutOptions(options),
  );
  const nothing = { size: 0, etag: "" };
  const planned = items.map((item) => {
    const path = root === "" ? item.key : `${root}/${item.key}`;
    return toPlanItem(item, root, source.objects.get(path) ?? nothing);
  });
  return {
    kind: "folder",
    uri: source.location,
    name: source.name,
    categories,
    items: planned,
    ordered: (some) => Promise.resolve([...some]),
  };
}

/** A compressed archive is read from its start, so its own order is best. */
async function inArchiveOrder(
  source: Source,
  items: readonly PlanItem[],
): Promise<PlanItem[]> {
  const byPath = new Map(items.map((item) => [item.path, item]));
  const ordered: PlanItem[] = [];
  try {
    for await (const { path } of source.each(new Set(byPath.keys()))) {
      ordered.push(byPath.get(path)!);
    }
  } catch (error) {
    throw storageCause(error) ?? error;
  }
  return ordered;
}

async function listArchive(
  { uri, stores }: BatchInput,
  options: ListInputOptions,
): Promise<InputListing> {
  const { store, key } = stores.object(uri);
  const object = await findObject(store, key, options);
  const source = await archiveSource(object, options);
  const { root, categories, items } = await listSource(
    source,
    layoutOptions(options),
  );
  const { etag } = object.info;
  return {
    kind: "archive",
    uri: source.location,
    name: source.name,
    categories,
    items: items.map((item) => toPlanItem(item, root, { size: 0, etag })),
    ordered: (some) => inArchiveOrder(source, some),
  };
}

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
  const below = base.startsWith("file:")
    ? uri.split("/").map(encodeURIComponent).join("/")
    : uri;
  return { key: uri, path: base + below };
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

async function listList(
  input: BatchInput,
  options: ListInputOptions,
): Promise<InputListing> {
  const { store, key } = input.stores.object(input.uri);
  await findObject(store, key, options);
  const { categories: wanted } = options;
  const bytes = await store.read(key, options);
  const uri = `${store.uri}${key}`;
  const entries = parseList(uri, bytes).filter(({ category }) =>
    wanted?.includes(category ?? options.object) ?? true
  );
  const found = ahead(
    ReadableStream.from(entries),
    (entry) => lookUp(input, entry, { ...options, base: store.uri }),
    LOOKUPS,
  );
  const items = (await Array.fromAsync(found))
    .sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  assertOnce(uri, items);
  return {
    kind: "list",
    uri,
    name: archiveName(key).replace(/\.\w+$/, ""),
    categories: [...new Set(items.map(({ category }) => category))].sort(),
    items,
    ordered: (some) => Promise.resolve([...some]),
  };
}

/**
 * Lists the images of an input: a folder, a list or an archive.
 *
 * @param input The input.
 * @param options What to take of it.
 * @returns Its images.
 * @throws {DataSetError} If it has no image or is broken.
 * @throws {StorageError} If a store fails.
 */
export function listInput(
  input: BatchInput,
  options: ListInputOptions,
): Promise<InputListing> {
  switch (inputKind(input.uri)) {
    case "folder":
      return listFolder(input, options);
    case "archive":
      return listArchive(input, options);
    case "list":
      return listList(input, options);
  }
}
