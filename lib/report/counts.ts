/**
 * How many images stand behind metrics.
 *
 * @module
 */
import {
  type CategorySummary,
  IMAGE_COUNTS,
  type Summary,
} from "../results/summary.ts";

/** Name of a count in `summary.json`. */
export type CountName = (typeof IMAGE_COUNTS)[number];

/** The counts of a category or of all. */
export type ImageCounts = Pick<CategorySummary, CountName>;

/**
 * Adds the counts of all categories up.
 *
 * @param summary The evaluation.
 */
export function totalCounts({ categories }: Summary): ImageCounts {
  const all = Object.values(categories);
  const sums = IMAGE_COUNTS.map((count) =>
    [count, all.reduce((sum, of) => sum + (of[count] ?? 0), 0)] as const
  );
  return Object.fromEntries(sums) as Record<CountName, number>;
}

/**
 * Tells which counts a table shows: images, and all that are not 0 throughout.
 * Good and defective images are always shown where there are labels.
 *
 * @param summary The evaluation.
 */
export function shownCounts(summary: Summary): CountName[] {
  const total = totalCounts(summary);
  const isLabelled = total.good + total.defective > 0;
  return IMAGE_COUNTS.filter((count) => {
    if (count === "images") return true;
    if (count === "good" || count === "defective") return isLabelled;
    return total[count] > 0;
  });
}
