/**
 * The layout of BTAD, that of MVTec AD with other words:
 *
 *     <category>/train/ok/0000.bmp
 *     <category>/test/<ok or ko>/0000.bmp
 *     <category>/ground_truth/ko/0000.png        or .bmp
 *
 * The root may also be one category's folder.
 *
 * @module
 */
import type { Listing, Split, Tree } from "./layout.ts";
import { readMvtecAd } from "./mvtec_ad.ts";

const OK_REGEXP = /^((?:[^/]+\/)?(?:train|test)\/)ok(\/[^/]+)$/;
const GOOD_REGEXP = /^((?:[^/]+\/)?(?:train|test)\/)good(\/[^/]+)$/;

/**
 * Reads the layout of BTAD.
 *
 * @param tree The data set.
 * @param split The part to read.
 * @returns Its images, or null if the layout is another.
 */
export async function readBtad(
  tree: Tree,
  split: Split,
): Promise<Listing | null> {
  const isBtad = tree.files.some((path) => OK_REGEXP.test(path)) &&
    !tree.files.some((path) => GOOD_REGEXP.test(path));
  if (!isBtad) return null;
  const files = tree.files.map((path) => path.replace(OK_REGEXP, "$1good$2"));
  const listing = await readMvtecAd({ ...tree, files }, split);
  if (listing === null) return null;
  const items = listing.items.map((item) =>
    item.label === 0
      ? { ...item, key: item.key.replace(GOOD_REGEXP, "$1ok$2") }
      : item
  );
  return { ...listing, items };
}
