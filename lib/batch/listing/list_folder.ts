/**
 * The images of a folder of any size.
 *
 * @module
 */
import { visitAll } from "../../async/visit_all.ts";
import { listSource, type SourceListing } from "../../data/listing.ts";
import { DataSetError } from "../../data/sample.ts";
import { isHidden } from "../../data/source.ts";
import type { ObjectInfo, ObjectStore } from "../../storage/object_store.ts";
import { withTidyKeys } from "../item_keys.ts";
import {
  type InputListing,
  layoutOptions,
  type ListInputOptions,
  readingOf,
  toPlanItem,
} from "./input_listing.ts";
import { HELD_IMAGES } from "../manifest.ts";
import type { BatchInput, PlanItem } from "../run.ts";
import {
  type FolderSource,
  heldFolder,
  unlistedFolder,
} from "../stored_sources.ts";
import { FolderItems, goesByFolder } from "./folder_items.ts";
import { FolderSketch } from "./folder_sketch.ts";
import { type PackedFiles, packedFiles } from "./packed_files.ts";

/** Paths of a sketch, compared with images that memory holds. */
const SKETCH_SHARE = 4;

/** Tells hidden files; a folder's files follow one another. */
function hiddenTest(): (key: string) => boolean {
  let folder = "";
  let isInHidden = false;
  return (key) => {
    const end = key.lastIndexOf("/") + 1;
    const own = key.slice(0, end);
    if (own !== folder) {
      folder = own;
      isInHidden = isHidden(own);
    }
    return isInHidden || isHidden(key.slice(end));
  };
}

/** All files of a folder: in an array, or packed where they are too many. */
async function readFiles(
  store: ObjectStore,
  held: number,
  options: ListInputOptions,
): Promise<ObjectInfo[] | PackedFiles> {
  const few: ObjectInfo[] = [];
  let many: PackedFiles | undefined;
  const isUnseen = hiddenTest();
  const listing = store.list("", { ...options, anyOrder: true });
  for await (const info of listing) {
    if (info.key.endsWith("/") || isUnseen(info.key)) continue;
    if (many === undefined && few.length < held) {
      few.push(info);
      continue;
    }
    if (many === undefined) {
      many = packedFiles();
      for (const { key, ...facts } of few.splice(0)) many.add(key, facts);
    }
    many.add(info.key, info);
  }
  return many ?? few;
}

async function sketchOf(
  files: PackedFiles,
  held: number,
  { signal }: ListInputOptions,
): Promise<FolderSketch> {
  const sketch = new FolderSketch(SKETCH_SHARE * held);
  await visitAll(files, ([path]) => sketch.add(path), signal);
  if (!sketch.isTooLarge && sketch.isNamed) {
    await visitAll(files, ([path]) => sketch.addNamed(path), signal);
  }
  return sketch;
}

type Found = Pick<InputListing, "categories" | "items" | "filled" | "reading">;

/** The names of categories; images in no folder are of the object. */
function named(categories: readonly string[], object: string): string[] {
  return [...new Set(categories.map((name) => name || object))].sort();
}

/** Reads a large folder by a sketch; null where one does not tell enough. */
async function listLarge(
  store: ObjectStore,
  files: PackedFiles,
  options: ListInputOptions,
): Promise<Found | null> {
  const { heldImages = HELD_IMAGES, object, signal } = options;
  const sketch = await sketchOf(files, heldImages, options);
  if (sketch.isTooLarge) return null;
  const source = sketch.source(unlistedFolder(store, options));
  const listing = await listSource(source, layoutOptions(options));
  if (sketch.hasLists || !goesByFolder(listing, source.files)) return null;
  const items = new FolderItems(files, listing, object);
  await items.tidy(signal);
  return {
    categories: named(listing.categories, object),
    items,
    filled: items.filled,
    reading: readingOf(listing.reading),
  };
}

function itemsOf(
  { items, root }: SourceListing,
  { objects }: FolderSource,
  object: string,
): PlanItem[] {
  const nothing = { size: 0, etag: "" };
  const planned = items.map((item) => {
    const path = root === "" ? item.key : `${root}/${item.key}`;
    const category = item.category || object;
    const found = objects.get(path) ?? nothing;
    return toPlanItem({ ...item, category }, root, found);
  });
  return withTidyKeys(planned);
}

/** Reads a folder whose files memory holds. */
async function listSmall(
  store: ObjectStore,
  files: Iterable<ObjectInfo>,
  options: ListInputOptions,
): Promise<Found> {
  const { object } = options;
  const source = heldFolder(store, files, options);
  const listing = await listSource(source, layoutOptions(options));
  const items = itemsOf(listing, source, object);
  return {
    categories: named(listing.categories, object),
    items,
    filled: new Set(items.map(({ category }) => category)),
    reading: readingOf(listing.reading),
  };
}

function* infosOf(files: PackedFiles): Generator<ObjectInfo> {
  for (const [key, facts] of files) yield { key, ...facts };
}

/**
 * Lists the images of a folder. Where there are more files than memory is to
 * hold, they are packed; if they have lists, masks or annotations, which layouts
 * must see as a whole, they are held all the same.
 *
 * @param input The folder.
 * @param options Which images to take.
 * @returns Its images.
 * @throws {DataSetError} If it has no image or is broken.
 * @throws {StorageError} If the store fails.
 */
export async function listFolder(
  { uri, stores }: BatchInput,
  options: ListInputOptions,
): Promise<InputListing> {
  const store = stores.folder(uri);
  const { heldImages = HELD_IMAGES } = options;
  const files = await readFiles(store, heldImages, options);
  const { location, name } = unlistedFolder(store, options);
  if (Array.isArray(files) && files.length === 0) {
    throw new DataSetError(
      `Cannot open the data set at ${location} as it must hold images: nothing was found`,
    );
  }
  const found = Array.isArray(files)
    ? await listSmall(store, files, options)
    : await listLarge(store, files, options) ??
      await listSmall(store, infosOf(files), options);
  return {
    kind: "folder",
    uri: location,
    name,
    ...found,
    ordered: (some) => Promise.resolve(some),
  };
}
