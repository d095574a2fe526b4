/**
 * The list of images without a score on stderr.
 *
 * @module
 */
import { printable } from "../lib/report/format.ts";
import type { ScoreRow } from "../lib/results/summary.ts";

/** Most images that are named; the others are counted. */
const ERRORS_SHOWN = 5;

/**
 * Prints how many images have no score, and the first reasons.
 *
 * @param rows All rows.
 * @returns The number of images without a score.
 */
export function printErrors(rows: readonly ScoreRow[]): number {
  const bad = rows.filter(({ error }) => error !== null);
  if (bad.length === 0) return 0;
  console.error(`${bad.length} of ${rows.length} images have no score:`);
  for (const { key, error } of bad.slice(0, ERRORS_SHOWN)) {
    console.error(`  ${printable(key)}: ${printable(`${error}`)}`);
  }
  if (bad.length > ERRORS_SHOWN) {
    console.error(`  and ${bad.length - ERRORS_SHOWN} more, in scores.parquet`);
  }
  return bad.length;
}
