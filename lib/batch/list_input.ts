/**
 * The images of an input of any kind.
 *
 * @module
 */
import type { Item } from "../data/layouts/layout.ts";
import {
  type ListingOptions,
  listSource,
  type ReadingOptions,
} from "../data/listing.ts";
import { isListName } from "../data/lists/list_file.ts";
import type { MaskPart } from "../data/mask_part.ts";
import type { Reading } from "../data/sample.ts";
import type { Source } from "../data/source.ts";
import type { StoreOptions } from "../storage/object_store.ts";
import { listEntries } from "./list_entries.ts";
import { listFolder } from "./listing/list_folder.ts";
import type { BatchInput, InputKind, PlanItem } from "./run.ts";
import { archiveSource, findObject, orStorageCause } from "./stored_sources.ts";
import { addressIn } from "./stores.ts";

/** Options of {@linkcode listInput}. */
export interface ListInputOptions extends StoreOptions, ReadingOptions {
  /** Takes only these categories. */
  readonly categories?: readonly string[];
  /** Category of images that lie in no folder. */
  readonly object: string;
  /** Files of a folder that memory holds; more of them are packed. */
  readonly heldImages?: number;
}

/** The images of an input. */
export interface InputListing {
  /** What kind of input it is. */
  readonly kind: InputKind;
  /** Its whole address. */
  readonly uri: string;
  /** Name of the data set. */
  readonly name: string;
  /** All selected categories, including those without images. */
  readonly categories: readonly string[];
  /**
   * The images, ordered by key (code units). They are gone through again and
   * again.
   */
  readonly items: Iterable<PlanItem>;
  /** The categories with images. */
  readonly filled: ReadonlySet<string>;
  /** How it was read. */
  readonly reading: Pick<Reading, "layout" | "notes">;
  /** Sorts some of the images into the order in which they are read fastest. */
  readonly ordered: (
    items: Iterable<PlanItem>,
  ) => Promise<Iterable<PlanItem>>;
}

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

/** What a layout is asked for. */
export function layoutOptions(options: ListInputOptions): ListingOptions {
  const { object, layout, goodFolders, labelThreshold, categories } = options;
  return {
    object,
    ...layout !== undefined && { layout },
    ...goodFolders !== undefined && { goodFolders },
    ...labelThreshold !== undefined && { labelThreshold },
    ...categories !== undefined && { categories },
  };
}

/** Counts are left to the images that are taken. */
export function readingOf({ layout, notes }: Reading): InputListing["reading"] {
  return { layout, notes };
}

/** The same part of a mask, its path below the source's own root. */
function withPrefix(part: MaskPart, prefix: string): MaskPart {
  return typeof part === "string" ? prefix + part : part;
}

/**
 * An image as a run has it.
 *
 * @param item The image as its layout has it.
 * @param root The folder that keys start from.
 * @param found Its size and ETag.
 */
export function toPlanItem(
  { key, category, label, defect, masks }: Item,
  root: string,
  { size, etag }: Pick<PlanItem, "size" | "etag">,
): PlanItem {
  const prefix = root === "" ? "" : `${root}/`;
  const path = prefix + key;
  const there = masks.map((part) => withPrefix(part, prefix));
  return {
    ...{ key, path, category, label, masks: there, size, etag },
    ...defect !== null && { defect },
  };
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
