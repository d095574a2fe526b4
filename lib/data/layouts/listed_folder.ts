/**
 * A folder with a list of its images in it, as in many public data sets:
 *
 *     list.csv            uri,category,label,mask
 *     images/1.jpg
 *     masks/1.png
 *
 * @module
 */
import { entriesOfSplit } from "../lists/entries_of_split.ts";
import type { ListEntry } from "../lists/entry_reader.ts";
import { isListName, parseList } from "../lists/list_file.ts";
import { maskFiles } from "../mask_part.ts";
import { DataSetError } from "../sample.ts";
import {
  type Item,
  layoutError,
  type LayoutOptions,
  type Listing,
  type Tree,
} from "./layout.ts";
import { countOf, someOf } from "./folder_notes.ts";
import { ListedFiles, tidyPath, unlistedNotes } from "./listed.ts";
import { isPlainState, roleOf } from "./words.ts";

interface List {
  readonly path: string;
  readonly entries: readonly ListEntry[];
}

/** Null for what is no list of labelled images of this folder. */
async function readList(
  tree: Tree,
  path: string,
  { files, options }: {
    readonly files: ListedFiles;
    readonly options: LayoutOptions;
  },
): Promise<List | null> {
  try {
    const entries = parseList(path, await tree.read(path), options);
    const isLabelled = entries.some(({ label }) => label !== null);
    const there = entries.filter(({ uri }) =>
      files.findImage(uri) !== undefined
    );
    const isOfThese = there.length > 0 && there.length >= entries.length / 2;
    return isLabelled && isOfThese ? { path, entries } : null;
  } catch (error) {
    if (error instanceof DataSetError) return null;
    throw error;
  }
}

function toItem(entry: ListEntry, files: ListedFiles, object: string): Item {
  const { uri, category, label, defect, masks } = entry;
  return {
    key: files.findImage(uri) ?? tidyPath(uri),
    category: category ?? object,
    label,
    defect,
    masks: label === 1 ? masks.flatMap((path) => files.namedMasks(path)) : [],
  };
}

/** What plain words of folders say of an image. */
function labelByFolders(key: string): 0 | 1 | null {
  const roles = key.split("/").slice(0, -1).filter(isPlainState).map(roleOf);
  if (roles.includes("defective")) return 1;
  return roles.includes("good") ? 0 : null;
}

/** Images of which the list says another thing than their folders. */
function contradictions(list: string, items: readonly Item[]): string[] {
  const others = items.filter(({ key, label }) => {
    const told = labelByFolders(key);
    return told !== null && label !== null && told !== label;
  }).map(({ key }) => key);
  return others.length === 0 ? [] : [
    `${
      countOf(others.length, "image")
    } with another label in ${list} than by their folders, read as the list says: ${
      someOf(others)
    }`,
  ];
}

/**
 * Reads a data set by the list at its root.
 *
 * @param tree The data set.
 * @param options The part to read, and how to read labels.
 * @returns Its images, or null if there is no such list.
 * @throws {DataSetError} If there are several.
 */
export async function readListedFolder(
  tree: Tree,
  options: LayoutOptions,
): Promise<Listing | null> {
  const names = tree.files.filter((path) =>
    !path.includes("/") && isListName(path)
  );
  if (names.length === 0) return null;
  const files = new ListedFiles(tree);
  const lists: List[] = [];
  for (const path of names) {
    const list = await readList(tree, path, { files, options });
    if (list !== null) lists.push(list);
  }
  const [list] = lists;
  if (list === undefined) return null;
  if (lists.length > 1) {
    throw layoutError(
      tree.location,
      "it must have one list of its images (give another one itself as --data)",
      lists.map(({ path }) => path).join(", "),
    );
  }
  const { entries, notes } = entriesOfSplit(list.entries, options.split);
  const items = entries.map((entry) => toItem(entry, files, options.object));
  const named = list.entries.flatMap((entry) => {
    const { key, masks } = toItem({ ...entry, label: 1 }, files, "");
    return [key, ...maskFiles(masks)];
  });
  return {
    categories: [...new Set(items.map(({ category }) => category))].sort(),
    items,
    notes: [
      ...notes,
      ...contradictions(list.path, items),
      ...unlistedNotes(tree, list.path, new Set(named)),
    ],
  };
}
