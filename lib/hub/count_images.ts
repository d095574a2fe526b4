/**
 * Whether a data set holds the images that it must.
 *
 * @module
 */
import type { FolderContents } from "../data/index_file.ts";
import type { Item } from "../data/layouts/layout.ts";
import type { DataSetEntry, ImageCounts } from "./data_sets.ts";

function countsOf(
  train: readonly Item[],
  test: readonly Item[],
): ImageCounts {
  return {
    train: train.length,
    good: test.filter(({ label }) => label === 0).length,
    bad: test.filter(({ label }) => label === 1).length,
  };
}

function shown({ train, good, bad }: ImageCounts): string {
  return `${train} for training, ${good} good and ${bad} bad for tests`;
}

function difference(
  what: string,
  wanted: ImageCounts,
  found: ImageCounts,
): string | undefined {
  const fits = wanted.train === found.train && wanted.good === found.good &&
    wanted.bad === found.bad;
  return fits
    ? undefined
    : `the images ${what} must be ${shown(wanted)}: current value is ${
      shown(found)
    }`;
}

/**
 * Compares what a folder holds with what is known of a data set.
 *
 * @returns What is wrong, as `the ... must be ...: current value is ...`, or
 * undefined where all fits.
 */
export function countMismatch(
  { categories, counts = {}, total }: DataSetEntry,
  { train, test }: FolderContents,
): string | undefined {
  const found = test.categories.toSorted();
  if (found.join() !== categories.toSorted().join()) {
    return `the categories must be ${categories.join(", ")}: ` +
      `current value is ${found.join(", ") || "none"}`;
  }
  const of = (items: readonly Item[], name: string) =>
    items.filter(({ category }) => category === name);
  for (const [name, wanted] of Object.entries(counts)) {
    const has = countsOf(of(train.items, name), of(test.items, name));
    const wrong = difference(`of ${name}`, wanted, has);
    if (wrong !== undefined) return wrong;
  }
  return total &&
    difference("in all", total, countsOf(train.items, test.items));
}
