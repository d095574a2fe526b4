/**
 * Labels and masks of images from the annotations beside them.
 *
 * @module
 */
import { countOf, someOf } from "../layouts/folder_notes.ts";
import {
  type Item,
  type LayoutOptions,
  type Listing,
  PARTS_OF,
  type Split,
  type Tree,
} from "../layouts/layout.ts";
import { type Role, roleOf } from "../layouts/words.ts";
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

/** The first folder that names a part of a data set. */
function partOf(key: string): Role | undefined {
  return key.split("/").slice(0, -1).map(roleOf)
    .find((role) => ["test", "train", "validation"].includes(role));
}

interface Taken {
  readonly items: readonly Item[];
  readonly notes: readonly string[];
}

/** Images of one split, where their folders name it. */
function takeSplit(items: readonly Item[], split: Split): Taken {
  const parts = Map.groupBy(items, ({ key }) => partOf(key));
  const part = PARTS_OF[split].find((part) => parts.has(part));
  if (part !== undefined) return { items: parts.get(part)!, notes: [] };
  const names = [...parts.keys()].filter((name) => name !== undefined);
  const notes = names.map((name) =>
    `There are no images for ${split}: those for ${name} are read`
  );
  return { items, notes };
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
 * @param plain The product where no folder names it, and the split to take, for
 * plain folders; their categories then follow annotations.
 * @returns The listing, with more labels and masks.
 */
export async function annotate(
  tree: Tree,
  listing: Listing,
  plain?: Pick<LayoutOptions, "object" | "split">,
): Promise<AnnotatedListing> {
  const keys = listing.items.map(({ key }) => key);
  const { byImage, formats, notes: unread } = await findAnnotations(tree, keys);
  const said = [...listing.notes ?? [], ...unread];
  if (byImage.size === 0) return { ...listing, notes: said, formats: [] };
  const all = listing.items.map((item) => {
    const own = annotated(item, byImage.get(item.key));
    return plain === undefined
      ? own
      : { ...own, category: productOf(item.key, plain.object) };
  });
  const { items, notes } = plain === undefined
    ? { items: all, notes: [] }
    : takeSplit(all, plain.split);
  const categories = plain === undefined
    ? listing.categories
    : [...new Set(all.map(({ category }) => category))].sort();
  return {
    ...listing,
    categories,
    items,
    notes: [
      ...said,
      ...notes,
      ...notesOf(items, listing.items, byImage),
    ],
    formats,
  };
}
