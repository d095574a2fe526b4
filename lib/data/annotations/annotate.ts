/**
 * Labels and masks of images from the annotations beside them.
 *
 * @module
 */
import { countOf, someOf } from "../layouts/folder_notes.ts";
import type { Item, Listing, Tree } from "../layouts/layout.ts";
import { roleOf } from "../layouts/words.ts";
import { type Annotation, defectsOf } from "./annotation.ts";
import { findAnnotations } from "./find_annotations.ts";

/** Masks of pixels say more than boxes, and folders more than both. */
function annotated(item: Item, annotation: Annotation | undefined): Item {
  if (annotation === undefined || item.label === 0) return item;
  if (item.masks.length > 0) return item;
  const defects = defectsOf(annotation);
  if (defects.length === 0) {
    return item.label === null ? { ...item, label: 0 } : item;
  }
  const names = new Set(defects.map(({ name }) => name ?? ""));
  names.delete("");
  return {
    ...item,
    label: 1,
    defect: item.defect ?? ([...names].sort().join("+") || null),
    masks: defects.map(({ shape }) => shape),
  };
}

/** `images/train/1.png` is of no product called images. */
function productOf(key: string, object: string): string {
  const folders = key.split("/").slice(0, -1);
  return folders.find((name) => roleOf(name) === "other") ?? object;
}

function notesOf(
  items: readonly Item[],
  all: readonly Item[],
  byImage: ReadonlyMap<string, Annotation>,
): string[] {
  const bare = items.filter(({ key, label }) =>
    label === null && !byImage.has(key)
  ).map(({ key }) => key);
  const good = all.filter(({ key, label }) =>
    label === 0 && defectsOf(byImage.get(key) ?? []).length > 0
  ).map(({ key }) => key);
  return [
    ...bare.length === 0 ? [] : [
      `${
        countOf(bare.length, "image")
      } without an annotation and so without a label: ${someOf(bare)}`,
    ],
    ...good.length === 0 ? [] : [
      `${
        countOf(good.length, "good image")
      } with annotations of defects, not read: ${someOf(good)}`,
    ],
  ];
}

/** A listing, and the formats of annotations that it was completed by. */
export interface AnnotatedListing extends Listing {
  /** Names of formats; empty where there is no annotation. */
  readonly formats: readonly string[];
}

/**
 * Completes a listing by the annotations that lie in the data set: COCO,
 * labelme, Pascal VOC and YOLO. An image without a label that was annotated
 * is defective where something is marked, else good.
 *
 * @param tree The data set.
 * @param listing What its folders say.
 * @param object The product where no folder names it; null to keep categories.
 * @returns The listing, with more labels and masks.
 */
export async function annotate(
  tree: Tree,
  listing: Listing,
  object: string | null,
): Promise<AnnotatedListing> {
  const keys = listing.items.map(({ key }) => key);
  const { byImage, formats } = await findAnnotations(tree, keys);
  if (byImage.size === 0) return { ...listing, formats: [] };
  const items = listing.items.map((item) => {
    const own = annotated(item, byImage.get(item.key));
    return object === null
      ? own
      : { ...own, category: productOf(item.key, object) };
  });
  const categories = object === null
    ? listing.categories
    : [...new Set(items.map(({ category }) => category))].sort();
  const notes = notesOf(items, listing.items, byImage);
  return {
    ...listing,
    categories,
    items,
    notes: [...listing.notes ?? [], ...notes],
    formats,
  };
}
