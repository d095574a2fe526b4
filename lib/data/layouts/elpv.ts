/**
 * The layout of ELPV, electroluminescence images of solar cells:
 *
 *     labels.csv            images/cell0001.png  0.3333333333333333  mono
 *     images/cell0001.png
 *
 * The number is the probability of a defect: 0, 1/3, 2/3 or 1.
 *
 * @module
 */
import type { Item, LayoutOptions, Listing, Tree } from "./layout.ts";
import { assertListed } from "./listed.ts";

const LIST = "labels.csv";

const LINE_REGEXP = /^(\S+\.\w+)\s+([01](?:\.\d+)?)\s+(\w+)\s*$/;

/**
 * Reads ELPV. It has no part for training.
 *
 * @param tree The data set.
 * @param options The part to read, and the probability to cut at.
 * @returns Its images, or null if there is no such list.
 * @throws {DataSetError} If images that the list names are missing.
 */
export async function readElpv(
  tree: Tree,
  options: LayoutOptions,
): Promise<Listing | null> {
  if (!tree.files.includes(LIST)) return null;
  const { split, labelThreshold = 0.5 } = options;
  const lines = (await tree.readText(LIST)).trim().split(/\r?\n/);
  const fields = lines.map((line) => line.match(LINE_REGEXP));
  if (fields.includes(null)) return null;
  const all = fields.map((match): Item => {
    const [, key, probability, kind] = match!;
    return {
      key: key!,
      category: `solar_cell_${kind}`,
      label: Number(probability) >= labelThreshold ? 1 : 0,
      defect: null,
      masks: [],
    };
  });
  assertListed(tree, LIST, all, options);
  return {
    categories: [...new Set(all.map(({ category }) => category))].sort(),
    items: split === "test" ? all : [],
    notes: [
      `Labels are probabilities of a defect, cut at ${labelThreshold} (--label-threshold)`,
    ],
  };
}
