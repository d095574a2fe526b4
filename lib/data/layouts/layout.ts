/**
 * What every layout of a data set is read into.
 *
 * @module
 */
import { type DataSet, DataSetError } from "../sample.ts";
import type { Source } from "../source.ts";

/** The part of a data set to read. */
export type Split = "test" | "train";

/** An image of a data set and what the layout says about it. */
export interface Item {
  /** Path below the data root. */
  readonly key: string;
  /** Product the image shows. */
  readonly category: string;
  /** 1 defective, 0 good, null where the layout does not say. */
  readonly label: 0 | 1 | null;
  /** Defect kind, null where the layout does not say. */
  readonly defect: string | null;
  /** Path of the mask below the data root, null where there is none. */
  readonly mask: string | null;
}

/** What a layout found. */
export interface Listing {
  /** All categories, those without images included. */
  readonly categories: DataSet["categories"];
  /** The images of the split. */
  readonly items: readonly Item[];
}

/** The files below a data root. */
export interface Tree {
  /** Path or address, for messages. */
  readonly location: string;
  /** Name of the data root. */
  readonly name: string;
  /** All files, sorted by code units. */
  readonly files: readonly string[];
  /** All folders, sorted by code units. */
  readonly folders: readonly string[];
  /** Reads a list. */
  readonly readText: (path: string) => Promise<string>;
  /** Reads any file; of a compressed archive only lists and masks. */
  readonly read: (path: string) => Promise<Uint8Array>;
}

/** Reads one layout; null if the tree has another. */
export type Layout = (tree: Tree, split: Split) => Promise<Listing | null>;

/**
 * The part of a source below a folder.
 *
 * @param source The source.
 * @param root The folder, empty for all of the source.
 * @returns Its files and folders, by paths below it.
 */
export function treeBelow(source: Source, root: string): Tree {
  const prefix = root === "" ? "" : `${root}/`;
  const below = (paths: readonly string[]) =>
    paths.filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  return {
    location: source.location,
    name: root.split("/").at(-1) || source.name,
    files: below(source.files),
    folders: below(source.folders),
    readText: async (path) =>
      new TextDecoder().decode(await source.read(prefix + path)),
    read: (path) => source.read(prefix + path),
  };
}

/**
 * The error for a data set that is not as its layout demands.
 *
 * @param location The data set.
 * @param must What must hold.
 * @param value What holds.
 * @param options The error that showed it.
 * @returns The error.
 */
export function layoutError(
  location: string,
  must: string,
  value: string,
  options: ErrorOptions = {},
): DataSetError {
  return new DataSetError(
    `Cannot open the data set at ${location} as ${must}: current value is ${value}`,
    options,
  );
}

/**
 * Checks that all images a list names are there.
 *
 * @param tree The data set.
 * @param list Path of the list.
 * @param keys The images it names.
 * @throws {DataSetError} If one is missing.
 */
export function assertListed(
  tree: Tree,
  list: string,
  keys: readonly string[],
): void {
  const files = new Set(tree.files);
  const missing = keys.filter((key) => !files.has(key));
  if (missing.length === 0) return;
  throw layoutError(
    tree.location,
    `the images that ${list} names must exist`,
    `${missing.length} of ${keys.length} missing, the first is ${missing[0]}`,
  );
}
