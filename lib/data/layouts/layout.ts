/**
 * What every layout of a data set is read into.
 *
 * @module
 */
import type { MaskPart } from "../mask_part.ts";
import { type DataSet, DataSetError } from "../sample.ts";
import type { Source } from "../source.ts";
import { decodeText } from "../lists/text.ts";
import { isPlainState, roleOf } from "./words.ts";

/** The part of a data set to read. */
export type Split = "test" | "train";

/** The parts that make up a split, the best first. */
export const PARTS_OF: Readonly<
  Record<Split, readonly ("test" | "train" | "validation")[]>
> = {
  test: ["test", "validation"],
  train: ["train"],
};

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
  /**
   * What its ground truth is made of, paths below the data root; empty where
   * there is none. All parts together are the mask.
   */
  readonly masks: readonly MaskPart[];
}

/** What a layout found. */
export interface Listing {
  /** All categories, those without images included. */
  readonly categories: DataSet["categories"];
  /** The images of the split. */
  readonly items: readonly Item[];
  /** What the user should know of how they were read, one sentence each. */
  readonly notes?: readonly string[];
}

/** The files below a data root. */
export interface Tree {
  /** Path or address, for messages. */
  readonly location: string;
  /** Name of the data root; of `nut/test` it is nut. */
  readonly name: string;
  /** The root's own name where it is that of a part, as of `nut/test`. */
  readonly part: string | null;
  /** All files, sorted by code units. */
  readonly files: readonly string[];
  /** All folders, sorted by code units. */
  readonly folders: readonly string[];
  /** How many images some paths stand for, where not all are listed. */
  readonly imagesIn: (paths: readonly string[]) => number;
  /** Reads a list. */
  readonly readText: (path: string) => Promise<string>;
  /** Reads any file; of a compressed archive only lists and masks. */
  readonly read: (path: string) => Promise<Uint8Array>;
}

/** What a layout is asked for. */
export interface LayoutOptions {
  /** The part to read. */
  readonly split: Split;
  /** Category of images where nothing names it. */
  readonly object: string;
  /** Categories to take; files of others may be missing. */
  readonly categories?: readonly string[];
  /** Names of folders with good products, where words do not tell. */
  readonly goodFolders?: readonly string[];
  /**
   * The least probability of a defect that counts as one.
   *
   * @default {0.5}
   */
  readonly labelThreshold?: number;
}

/** Reads one layout; null if the tree has another. */
export type LayoutReader = (
  tree: Tree,
  options: LayoutOptions,
) => Promise<Listing | null>;

/** Names of folders that say what is in them, and not of which product. */
function isProduct(name: string): boolean {
  const role = roleOf(name);
  const isState = ["good", "defective", "unclear"].includes(role);
  return name !== "" && (role === "other" || isState && !isPlainState(name));
}

/** The name of a data root, and the part of a data set that it is. */
function namesOf(
  { location, name }: Source,
  root: string,
): Pick<Tree, "name" | "part"> {
  const parts = root === "" ? [] : root.split("/");
  const above = location.split(/[\\/]/).slice(0, -1).slice(-2);
  const names = [...above, name, ...parts];
  const own = names.at(-1)!;
  const isPart = ["test", "train", "validation"].includes(roleOf(own));
  return {
    name: isProduct(own) ? own : names.findLast(isProduct) ?? own,
    part: isPart ? own : null,
  };
}

/**
 * The part of a source below a folder.
 *
 * @param source The source.
 * @param root The folder, empty for all of the source.
 * @returns Its files and folders, by paths below it.
 */
export function treeBelow(source: Source, root: string): Tree {
  const prefix = root === "" ? "" : `${root}/`;
  const { weigh } = source;
  const below = (paths: readonly string[]) =>
    paths.filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  return {
    location: source.location,
    ...namesOf(source, root),
    files: below(source.files),
    folders: below(source.folders),
    imagesIn: (paths) =>
      weigh === undefined
        ? paths.length
        : paths.reduce((sum, path) => sum + weigh(prefix + path), 0),
    readText: async (path) => decodeText(await source.read(prefix + path)),
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
