/**
 * Labels of images that have masks and lie in no folder that says more, as in
 * KolektorSDD2: a black mask says that the product is good.
 *
 * @module
 */
import { decodeMask } from "../../image/mask.ts";
import { ahead } from "../../async/ahead.ts";
import type { Item, Tree } from "./layout.ts";

/** Masks that are read at a time. */
const MASKS_AHEAD = 8;

/** Null where it cannot be read: the image itself may be fine. */
async function isMarked(tree: Tree, path: string): Promise<boolean | null> {
  try {
    const { data } = await decodeMask(await tree.read(path));
    return data.includes(1);
  } catch (error) {
    if (error instanceof Error && error.name === "ImageDecodeError") {
      return null;
    }
    throw error;
  }
}

async function labelled(tree: Tree, item: Item): Promise<Item> {
  const files = item.masks.filter((mask) => typeof mask === "string");
  if (item.label !== null || files.length === 0) return item;
  let isKnown = true;
  for (const path of files) {
    const marked = await isMarked(tree, path);
    if (marked) return { ...item, label: 1 };
    isKnown &&= marked !== null;
  }
  return isKnown ? { ...item, label: 0, masks: [] } : item;
}

/**
 * Labels images by their masks, which are decoded.
 *
 * @param tree The data set.
 * @param items The images.
 * @returns The same, with labels where masks tell.
 */
export async function labelByMasks(
  tree: Tree,
  items: readonly Item[],
): Promise<readonly Item[]> {
  const isNeeded = items.some(({ label, masks }) =>
    label === null && masks.length > 0
  );
  if (!isNeeded) return items;
  return await Array.fromAsync(
    ahead(
      ReadableStream.from(items),
      (item) => labelled(tree, item),
      MASKS_AHEAD,
    ),
  );
}
