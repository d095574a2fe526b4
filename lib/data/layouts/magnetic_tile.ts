/**
 * The layout of the magnetic tile data set:
 *
 *     MT_Free/Imgs/exp1_num_1.jpg, exp1_num_1.png
 *     MT_Crack/Imgs/exp2_num_7.jpg, exp2_num_7.png      the PNG is the mask
 *
 * @module
 */
import type { Item, LayoutOptions, Listing, Tree } from "./layout.ts";

/** What the one product of this data set is called. */
const CATEGORY = "magnetic_tile";

const IMAGE_REGEXP = /^MT_([^/]+)\/(?:Imgs\/)?([^/]+)\.jpe?g$/i;

/**
 * Reads the magnetic tile data set. It has no part for training.
 *
 * @param tree The data set.
 * @param options The part to read.
 * @returns Its images, or null if the layout is another.
 */
export function readMagneticTile(
  tree: Tree,
  { split }: LayoutOptions,
): Promise<Listing | null> {
  const files = new Set(tree.files);
  const items: Item[] = [];
  for (const key of tree.files) {
    const [, kind] = key.match(IMAGE_REGEXP) ?? [];
    if (kind === undefined) continue;
    const mask = key.replace(/\.\w+$/, ".png");
    const isGood = kind.toLowerCase() === "free";
    items.push({
      key,
      category: CATEGORY,
      label: isGood ? 0 : 1,
      defect: isGood ? null : kind,
      masks: isGood || !files.has(mask) ? [] : [mask],
    });
  }
  if (items.length === 0) return Promise.resolve(null);
  const taken = split === "test" ? items : [];
  return Promise.resolve({ categories: [CATEGORY], items: taken });
}
