/**
 * What stderr says of how a data set was read, before anything is done with it.
 *
 * @module
 */
import type { ImageCounts, Reading } from "../lib/data/sample.ts";
import { printable } from "../lib/report/format.ts";

/** Categories that are named; the others are counted. */
const NAMES_SHOWN = 4;

function sumOf(counts: readonly ImageCounts[], name: keyof ImageCounts) {
  return counts.reduce((sum, count) => sum + count[name], 0);
}

function categoriesOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(", ");
  const more = names.length - NAMES_SHOWN;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/**
 * Prints layout, categories, labels, masks, and what was not read.
 *
 * @param dataSet The data set; one that is drawn is not spoken of
 */
export function printReading(
  { name, reading }: {
    readonly name: string;
    readonly reading?: Reading | undefined;
  },
): void {
  if (reading === undefined) return;
  const { layout, categories, notes } = reading;
  const counts = Object.values(categories);
  const labels = ["good", "defective", "unlabelled"] as const;
  const parts = labels.map((label) => `${sumOf(counts, label)} ${label}`);
  const line = `Read ${name} as ${layout}: ${parts.join(", ")}, ` +
    `${sumOf(counts, "masks")} with masks; ` +
    `${counts.length === 1 ? "category" : `${counts.length} categories`} ` +
    categoriesOf(Object.keys(categories));
  console.error(printable(line));
  for (const note of notes) console.error(printable(`Note: ${note}`));
}
