/**
 * An index beside the images of a data set, so that opening its folder needs no
 * scan. It holds what the layout says, and the times of all folders: where one
 * was changed since, the index is passed over.
 *
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { readPlainFile, readPlainText } from "../files/plain_file.ts";
import { writeWhole } from "../files/whole_file.ts";
import { detectLayout } from "./layouts/detect_layout.ts";
import { openFolder } from "./folder.ts";
import { type Item, layoutError, type Listing } from "./layouts/layout.ts";
import { maskFiles } from "./mask_part.ts";
import { DataSetError } from "./sample.ts";
import { eachOf, parentsOf, type Source } from "./source.ts";

/** Below the data set's folder; hidden, so that no layout sees it. */
export const INDEX_FILE = ".mfp-clip/index.json";

const VERSION = 1;

/** The list that an index becomes, in the form of the field's `meta.json`. */
const LIST = "meta.json";

/** What the folder of a data set holds. */
export interface FolderContents {
  /** The folder below it that keys start from, empty for itself. */
  readonly root: string;
  /** What its layout is called. */
  readonly layout: string;
  /** All folders, sorted by code units. */
  readonly folders: readonly string[];
  /** The images for training. */
  readonly train: Listing;
  /** The images for tests. */
  readonly test: Listing;
}

interface Entry {
  readonly img_path: string;
  readonly mask_path: string | readonly string[];
  readonly cls_name: string;
  readonly specie_name?: string;
  readonly anomaly: 0 | 1;
}

interface Index {
  readonly version: typeof VERSION;
  readonly root: string;
  readonly layout?: string;
  /** Folder -> the time it was last changed, in milliseconds. */
  readonly folders: Readonly<Record<string, number>>;
  readonly list: Readonly<
    Record<"train" | "test", Readonly<Record<string, readonly Entry[]>>>
  >;
}

/**
 * Scans the folder of a data set.
 *
 * @param location The folder.
 * @returns What it holds.
 * @throws {DataSetError} If a folder in it cannot be read, or a layout is
 * recognised and broken.
 */
export async function scanFolder(location: string): Promise<FolderContents> {
  const source = await openFolder(location);
  const object = "object";
  const { root, layout, ...test } = await detectLayout(source, {
    split: "test",
    object,
  });
  const train = await detectLayout(source, { split: "train", object });
  return { root, layout, folders: source.folders, train, test };
}

async function timeOf(folder: string): Promise<number | null> {
  try {
    return (await Deno.stat(folder)).mtime?.getTime() ?? null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function toEntry(location: string, item: Item): Entry {
  const { key, masks, category, defect, label } = item;
  if (label === null) {
    const must = "an index needs labels for all images";
    throw layoutError(location, must, `none for ${key}`);
  }
  const files = maskFiles(masks);
  return {
    img_path: key,
    mask_path: files.length > 1 ? files : files[0] ?? "",
    cls_name: category,
    ...defect !== null && { specie_name: defect },
    anomaly: label,
  };
}

function listOf(location: string, { categories, items }: Listing) {
  const entries = Map.groupBy(items, ({ category }) => category);
  return Object.fromEntries(categories.map((category) => [
    category,
    (entries.get(category) ?? []).map((item) => toEntry(location, item)),
  ]));
}

/**
 * Writes the index of a data set's folder.
 *
 * @param location The folder.
 * @param contents What {@linkcode scanFolder} found in it.
 * @throws {DataSetError} If images have no labels.
 */
export async function writeIndex(
  location: string,
  contents: FolderContents,
): Promise<void> {
  const { root, layout, train, test } = contents;
  const list = {
    train: listOf(location, train),
    test: listOf(location, test),
  };
  const path = join(location, INDEX_FILE);
  await Deno.mkdir(dirname(path), { recursive: true });
  const folders: Record<string, number> = {};
  for (const folder of ["", ...contents.folders]) {
    folders[folder] = await timeOf(join(location, folder)) ?? 0;
  }
  const index: Index = { version: VERSION, root, layout, folders, list };
  await writeWhole(path, JSON.stringify(index));
}

async function readIndex(location: string): Promise<Index | null> {
  try {
    const text = await readPlainText(join(location, INDEX_FILE));
    const index: Index | null = JSON.parse(text);
    return index?.version === VERSION ? index : null;
  } catch (error) {
    const expected = error instanceof Deno.errors.NotFound ||
      error instanceof SyntaxError;
    if (expected) return null;
    throw error;
  }
}

async function isCurrent(location: string, index: Index): Promise<boolean> {
  const folders = Object.entries(index.folders);
  const times = await Promise.all(
    folders.map(([folder]) => timeOf(join(location, folder))),
  );
  return folders.every(([, time], i) => times[i] === time);
}

/** A file that was removed is the fault of one image, not of the set. */
async function readListed(location: string, path: string): Promise<Uint8Array> {
  try {
    return await readPlainFile(join(location, path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new DataSetError(
      `Cannot read ${path} of ${location} as the files of its index must exist: nothing was found`,
      { cause: error },
    );
  }
}

function toSource(location: string, { root, layout, list }: Index): Source {
  const files = new Set([LIST]);
  for (const entries of Object.values(list).flatMap(Object.values)) {
    for (const { img_path, mask_path } of entries as readonly Entry[]) {
      files.add(img_path);
      for (const mask of [mask_path].flat()) {
        if (mask !== "") files.add(mask);
      }
    }
  }
  const read = (path: string) =>
    path === LIST
      ? Promise.resolve(new TextEncoder().encode(JSON.stringify(list)))
      : readListed(join(location, root), path);
  return {
    location,
    kind: "folder",
    name: basename(resolve(location)),
    ...layout !== undefined && { layout },
    files: [...files].sort(),
    folders: [...parentsOf(files)].sort(),
    read,
    keep: () => Promise.resolve(),
    each: (paths) => eachOf(paths, read),
  };
}

/**
 * Opens a folder by its index.
 *
 * @param location The folder's path.
 * @returns Its files as a source, or null if there is no index or it is older
 * than a change to the folder.
 */
export async function openIndexed(location: string): Promise<Source | null> {
  const index = await readIndex(location);
  if (index === null || !await isCurrent(location, index)) return null;
  return toSource(location, index);
}
