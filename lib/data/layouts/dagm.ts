/**
 * The layout of DAGM 2007:
 *
 *     <category>/<Train or Test>/0576.PNG
 *     <category>/<Train or Test>/Label/0576_label.PNG      defective ones only
 *
 * @module
 */
import type { Item, LayoutOptions, Listing, Tree } from "./layout.ts";
import { isImageName } from "../source.ts";

const PLACE_REGEXP = /^([^/]+)\/(Train|Test)\/([^/]+)\.\w+$/;
const LABEL_REGEXP = /^([^/]+\/(?:Train|Test))\/Label\/([^/]+)_label\.\w+$/;

/** Place and number of an image -> its mask. */
function masksOf(tree: Tree): Map<string, string> {
  const masks = new Map<string, string>();
  for (const path of tree.files.filter(isImageName)) {
    const [, folder, number] = path.match(LABEL_REGEXP) ?? [];
    if (folder !== undefined) masks.set(`${folder}/${number}`, path);
  }
  return masks;
}

/**
 * Reads the layout of DAGM 2007, where both parts hold defective images.
 *
 * @param tree The data set.
 * @param options The part to read.
 * @returns Its images, or null if the layout is another.
 */
export function readDagm(
  tree: Tree,
  { split }: LayoutOptions,
): Promise<Listing | null> {
  const masks = masksOf(tree);
  if (masks.size === 0) return Promise.resolve(null);
  const part = split === "train" ? "Train" : "Test";
  const categories = new Set<string>();
  const items: Item[] = [];
  for (const key of tree.files.filter(isImageName)) {
    const [, category, place, number] = key.match(PLACE_REGEXP) ?? [];
    if (category === undefined) continue;
    categories.add(category);
    if (place !== part) continue;
    const mask = masks.get(`${category}/${place}/${number}`);
    const label = mask === undefined ? 0 : 1;
    const found = mask === undefined ? [] : [mask];
    items.push({ key, category, label, defect: null, masks: found });
  }
  return Promise.resolve({ categories: [...categories].sort(), items });
}
