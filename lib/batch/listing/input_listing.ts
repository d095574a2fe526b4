/**
 * What is listed of an input of any kind.
 *
 * @module
 */
import type { Item } from "../../data/layouts/layout.ts";
import type { ListingOptions, ReadingOptions } from "../../data/listing.ts";
import type { MaskPart } from "../../data/mask_part.ts";
import type { Reading } from "../../data/sample.ts";
import type { StoreOptions } from "../../storage/object_store.ts";
import type { InputKind, PlanItem } from "../run.ts";

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
