/**
 * The layout of KolektorSDD, the surfaces of electrical commutators:
 *
 *     kos01/Part0.jpg
 *     kos01/Part0_label.bmp      all 0 where there is no defect
 *
 * Images are taken whole, 500 x 1240 to 1270 pixels. Loaders of the field cut
 * each into three, so that their figures count other images than these.
 *
 * @module
 */
import { decodeMask } from "../../image/mask.ts";
import {
  type Item,
  layoutError,
  type LayoutOptions,
  type Listing,
  type Tree,
} from "./layout.ts";

/** What the field calls the one product of this data set. */
const CATEGORY = "electrical commutators";

const IMAGE_REGEXP = /^(kos\d+\/Part\d+)\.jpg$/i;

async function isDefective(tree: Tree, mask: string): Promise<boolean> {
  try {
    const { data } = await decodeMask(await tree.read(mask));
    return data.some((value) => value !== 0);
  } catch (error) {
    const must =
      `${mask} must be a mask, as it tells whether there is a defect`;
    const reason = error instanceof Error ? error.message : String(error);
    throw layoutError(tree.location, must, reason, { cause: error });
  }
}

/**
 * Reads the layout of KolektorSDD. Its masks tell which images are defective,
 * so they are decoded. It has no part for training: all images are for tests.
 *
 * @param tree The data set.
 * @param options The part to read.
 * @returns Its images, or null if the layout is another.
 * @throws {DataSetError} If an image has no mask, or one that cannot be read.
 */
export async function readKolektorSdd(
  tree: Tree,
  { split }: LayoutOptions,
): Promise<Listing | null> {
  const files = new Set(tree.files);
  const masks = new Map<string, string>();
  for (const key of tree.files) {
    const [, stem] = key.match(IMAGE_REGEXP) ?? [];
    if (stem !== undefined) masks.set(key, `${stem}_label.bmp`);
  }
  const paired = masks.values().some((mask) => files.has(mask));
  if (!paired) return null;
  if (split === "train") return { categories: [CATEGORY], items: [] };
  const items: Item[] = [];
  for (const [key, mask] of masks) {
    if (!files.has(mask)) {
      throw layoutError(tree.location, `${key} must have a mask`, mask);
    }
    const label = await isDefective(tree, mask) ? 1 : 0;
    const of = { key, category: CATEGORY, label, defect: null } as const;
    items.push({ ...of, masks: label === 1 ? [mask] : [] });
  }
  return { categories: [CATEGORY], items };
}
