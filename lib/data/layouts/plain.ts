/**
 * Folders of images without labels.
 *
 * @module
 */
import { isImageName } from "../source.ts";
import { countOf, maskFolderNotes, ownName, someOf } from "./folder_notes.ts";
import type { Item, Listing, Tree } from "./layout.ts";
import { isPlainState, type Role, roleOf } from "./words.ts";

const PARTS: ReadonlySet<Role> = new Set(["test", "train", "validation"]);
const STATES: ReadonlySet<Role> = new Set(["good", "defective", "unclear"]);

function isState(name: string): boolean {
  return STATES.has(roleOf(name)) && isPlainState(name);
}

/** Whether a folder may be called after a product, and not only "test". */
function isProduct(name: string): boolean {
  return !PARTS.has(roleOf(name)) && !isState(name);
}

/** The first folder on the path that may be called after a product. */
function categoryOf(key: string, object: string): string {
  return key.split("/").slice(0, -1).find(isProduct)?.normalize("NFC") ??
    object;
}

/** Tables beside the images, from which nothing was read. */
function tableNotes({ files }: Tree): string[] {
  const tables = files.filter((path) =>
    /^[^/]+\.(csv|tsv|jsonl|ndjson|xlsx?|ods)$/i.test(path)
  );
  return tables.length === 0 ? [] : [
    `No labels were taken from ${
      someOf(tables)
    }: a list is .csv or .jsonl, with a column that names these images and one of labels`,
  ];
}

/**
 * Whether a note says that the folder's own name gives no label, which is of no
 * interest where all images are given as good, or as defective.
 *
 * @param note A note on how a data set was read.
 * @returns Whether it does.
 */
export function isOwnNameNote(note: string): boolean {
  return /^The name of the folder .+ gives no label: /s.test(note);
}

/** Folders that may not be what their owner wants to have scored. */
function notesOf(tree: Tree, items: readonly Item[]): string[] {
  const inTruth = items.map(({ key }) => key).filter((key) =>
    key.split("/").slice(0, -1).some((name) => roleOf(name) === "truth")
  );
  const own = ownName(tree);
  return [
    ...inTruth.length === 0 ? [] : [
      `${
        countOf(tree.imagesIn(inTruth), "image")
      } in folders that are called after masks, read as products: ${
        inTruth[0]
      }`,
    ],
    ...maskFolderNotes(tree),
    ...tableNotes(tree),
    ...!isState(own) ? [] : [
      `The name of the folder ${own} gives no label: give the folder above it for labels`,
    ],
  ];
}

/**
 * Takes every image below the root. Its category is the first folder on its
 * path that does not only say "test" or "good". Empty folders are categories
 * too.
 *
 * @param tree The data set.
 * @param object The category of images that lie directly in the root.
 * @returns The images.
 */
export function readPlain(tree: Tree, object: string): Listing {
  const items = tree.files.filter(isImageName).map((key): Item => ({
    key,
    category: categoryOf(key, object),
    label: null,
    defect: null,
    masks: [],
  }));
  const filled = new Set(tree.files.map((path) => path.split("/")[0]!));
  const categories = new Set([
    ...tree.folders.filter((path) => !path.includes("/") && !filled.has(path)),
    ...items.map(({ category }) => category),
  ]);
  return {
    categories: [...categories].sort(),
    items,
    notes: notesOf(tree, items),
  };
}
