/**
 * Folders of images without labels.
 *
 * @module
 */
import type { Item, Listing, Tree } from "./layout.ts";
import { isImageName } from "../source.ts";

/**
 * Takes every image below the root. Its category is the first folder on its
 * path. Empty folders are categories too.
 *
 * @param tree The data set.
 * @param object The category of images that lie directly in the root.
 * @returns The images.
 */
export function readPlain(tree: Tree, object: string): Listing {
  const items = tree.files.filter(isImageName).map((key): Item => ({
    key,
    category: key.includes("/") ? key.slice(0, key.indexOf("/")) : object,
    label: null,
    defect: null,
    masks: [],
  }));
  const filled = new Set(tree.files.map((path) => path.split("/")[0]!));
  const categories = new Set([
    ...tree.folders.filter((path) => !path.includes("/") && !filled.has(path)),
    ...items.map(({ category }) => category),
  ]);
  return { categories: [...categories].sort(), items };
}
