/**
 * The images of a folder of millions of files, where a layout goes by folders
 * alone.
 *
 * @module
 */
import { visitAll } from "../../async/visit_all.ts";
import { folderOf } from "../../data/layouts/folder_roles.ts";
import { FOLDERS_TITLE } from "../../data/layouts/layout_table.ts";
import { roleOf } from "../../data/layouts/words.ts";
import type { SourceListing } from "../../data/listing.ts";
import { isImageName } from "../../data/source.ts";
import { compareItems, tidyKey } from "../item_keys.ts";
import type { PlanItem } from "../run.ts";
import type { FileFacts, PackedFiles } from "./packed_files.ts";

/** What a layout says of all images of one folder. */
type FolderRule = Pick<PlanItem, "category" | "label" | "defect">;

/** Layouts that may go by folders alone. */
const BY_FOLDER: ReadonlySet<string> = new Set([
  "plain folders",
  FOLDERS_TITLE,
]);

function isOfMasks(path: string): boolean {
  return path.split("/").slice(0, -1).some((name) => roleOf(name) === "truth");
}

/** Whether of each folder all images are taken, or none. */
function takesWhole(
  { items, root }: SourceListing,
  images: readonly string[],
): boolean {
  const prefix = root === "" ? "" : `${root}/`;
  const taken = new Set(items.map(({ key }) => prefix + key));
  const folders = new Map<string, boolean>();
  return images.every((path) => {
    const folder = folderOf(path);
    const isTaken = taken.has(path);
    const isSame = (folders.get(folder) ?? isTaken) === isTaken;
    folders.set(folder, isTaken);
    return isSame;
  });
}

/**
 * Whether a listing of a sketch tells of all images: none has a mask or is one,
 * and what is said of an image is said of its folder.
 *
 * @param listing The images of the sketch.
 * @param files All paths of the sketch.
 */
export function goesByFolder(
  listing: SourceListing,
  files: readonly string[],
): boolean {
  const { layout, items } = listing;
  if (!BY_FOLDER.has(layout)) return false;
  if (items.some(({ masks }) => masks.length > 0)) return false;
  const images = files.filter(isImageName);
  if (!takesWhole(listing, images)) return false;
  return layout !== FOLDERS_TITLE || !images.some(isOfMasks);
}

/** Folder -> what holds for its images; those of other folders are not taken. */
function rulesOf(
  { items, root }: SourceListing,
  object: string,
): Map<string, FolderRule> {
  const prefix = root === "" ? "" : `${root}/`;
  return new Map(items.map(({ key, category, label, defect }) => [
    folderOf(prefix + key),
    {
      category: category || object,
      label,
      ...defect !== null && { defect },
    },
  ]));
}

/** Images, in the order of their keys. */
export class FolderItems implements Iterable<PlanItem> {
  readonly #files: PackedFiles;
  readonly #rules: ReadonlyMap<string, FolderRule>;
  readonly #start: number;
  /** Path -> key, of keys with empty parts that can do without. */
  #tidied: ReadonlyMap<string, string> = new Map();

  /**
   * Reads the rules of folders.
   *
   * @param files All files.
   * @param listing What a layout says of their sketch.
   * @param object The category of images that lie in no folder.
   */
  constructor(files: PackedFiles, listing: SourceListing, object: string) {
    this.#files = files;
    this.#rules = rulesOf(listing, object);
    this.#start = listing.root === "" ? 0 : listing.root.length + 1;
  }

  /** The categories with images. */
  get filled(): Set<string> {
    return new Set(this.#rules.values().map(({ category }) => category));
  }

  /**
   * Removes empty parts from keys, unless another image already has the shorter
   * key, as `withTidyKeys` does.
   *
   * @param signal Ends it early.
   */
  async tidy(signal?: AbortSignal): Promise<void> {
    const untidy: PlanItem[] = [];
    await visitAll(this.#inOrder(), (item) => {
      if (tidyKey(item.key) !== item.key) untidy.push(item);
    }, signal);
    if (untidy.length === 0) return;
    const wanted = new Set(untidy.map(({ key }) => tidyKey(key)));
    const taken = new Set([""]);
    await visitAll(this.#inOrder(), ({ key }) => {
      if (wanted.has(key)) taken.add(key);
    }, signal);
    const tidied = new Map<string, string>();
    for (const { key, path } of untidy) {
      const tidy = tidyKey(key);
      if (taken.has(tidy)) continue;
      taken.add(tidy);
      tidied.set(path, tidy);
    }
    this.#tidied = tidied;
  }

  #itemOf(
    path: string,
    { size, etag }: FileFacts,
    rule: FolderRule,
  ): PlanItem {
    const key = path.slice(this.#start);
    return { key, path, ...rule, masks: [], size, etag };
  }

  /** The images taken, by their own keys. */
  *#inOrder(): Generator<PlanItem> {
    let folder: string | undefined;
    let rule: FolderRule | undefined;
    for (const [path, facts] of this.#files) {
      const own = folderOf(path);
      if (own !== folder) {
        folder = own;
        rule = this.#rules.get(own);
      }
      if (rule === undefined || !isImageName(path)) continue;
      yield this.#itemOf(path, facts, rule);
    }
  }

  /** The images with their keys, ordered by key (code units). */
  *[Symbol.iterator](): Generator<PlanItem> {
    if (this.#tidied.size === 0) return yield* this.#inOrder();
    const moved: PlanItem[] = [];
    for (const item of this.#inOrder()) {
      const key = this.#tidied.get(item.path);
      if (key !== undefined) moved.push({ ...item, key });
    }
    moved.sort(compareItems).reverse();
    for (const item of this.#inOrder()) {
      if (this.#tidied.has(item.path)) continue;
      while (moved.length > 0 && compareItems(moved.at(-1)!, item) < 0) {
        yield moved.pop()!;
      }
      yield item;
    }
    yield* moved.reverse();
  }
}
