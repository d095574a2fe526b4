/**
 * The images of an input of any kind.
 *
 * @module
 */
import { listSource } from "../data/listing.ts";
import { isListName } from "../data/lists/list_file.ts";
import type { Source } from "../data/source.ts";
import { listEntries } from "./list_entries.ts";
import {
  type InputListing,
  layoutOptions,
  type ListInputOptions,
  readingOf,
  toPlanItem,
} from "./listing/input_listing.ts";
import { listFolder } from "./listing/list_folder.ts";
import type { BatchInput, InputKind, PlanItem } from "./run.ts";
import { archiveSource, findObject, orStorageCause } from "./stored_sources.ts";
import { addressIn } from "./stores.ts";

/**
 * Tells the kind of input by the address.
 *
 * @param uri The address.
 * @returns The kind, from the end of the name.
 */
export function inputKind(uri: string): InputKind {
  if (isListName(uri)) return "list";
  return /\.(zip|tar|tgz|txz|tar\.(gz|xz))$/i.test(uri) ? "archive" : "folder";
}

/**
 * The full address of an input, as in its manifest.
 *
 * @param input The input.
 * @returns The address; nothing is looked up.
 * @throws {StorageError} If it is no address.
 */
export function wholeAddress({ uri, stores }: BatchInput): string {
  if (inputKind(uri) === "folder") return stores.folder(uri).uri;
  const { store, key } = stores.object(uri);
  return addressIn(store, key);
}

/** A compressed archive is read from its start, so its own order is fastest. */
async function inArchiveOrder(
  source: Source,
  items: Iterable<PlanItem>,
): Promise<PlanItem[]> {
  const byPath = new Map(Array.from(items, (item) => [item.path, item]));
  const ordered: PlanItem[] = [];
  for await (const { path } of source.each(new Set(byPath.keys()))) {
    ordered.push(byPath.get(path)!);
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
  const { root, categories, items, reading } = await listSource(
    source,
    layoutOptions(options),
  );
  const { etag } = object.info;
  return {
    kind: "archive",
    uri: addressIn(store, key),
    name: source.name,
    categories,
    items: items.map((item) => toPlanItem(item, root, { size: 0, etag })),
    filled: new Set(items.map(({ category }) => category)),
    reading: readingOf(reading),
    ordered: (some) => orStorageCause(inArchiveOrder(source, some)),
  };
}

const LISTS = {
  folder: listFolder,
  archive: listArchive,
  list: listEntries,
};

/**
 * Lists the images of an input: a folder, a list or an archive.
 *
 * @param input The input.
 * @param options Which images to take.
 * @returns Its images.
 * @throws {DataSetError} If it has no image or is broken.
 * @throws {StorageError} If a store fails.
 */
export async function listInput(
  input: BatchInput,
  options: ListInputOptions,
): Promise<InputListing> {
  return await orStorageCause(LISTS[inputKind(input.uri)](input, options));
}
