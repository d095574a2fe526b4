/**
 * The list of images without a score on stderr.
 *
 * @module
 */
import { printable } from "../lib/report/format.ts";
import { RowDigest } from "../lib/results/row_digest.ts";
import type { ScoreRow } from "../lib/results/summary.ts";

/** Most images that are named; the others are counted. */
const ERRORS_SHOWN = 5;

/**
 * Prints how many images have no score, and the first reasons.
 *
 * @param all All rows, or what is to be said of them.
 * @returns The number of images without a score.
 */
export function printErrors(
  all: readonly ScoreRow[] | Pick<RowDigest, "images" | "errors" | "failed">,
): number {
  const { images, errors, failed } = "failed" in all ? all : RowDigest.of(all);
  if (errors === 0) return 0;
  console.error(`${errors} of ${images} images have no score:`);
  for (const { key, error } of failed.slice(0, ERRORS_SHOWN)) {
    console.error(`  ${printable(key)}: ${printable(`${error}`)}`);
  }
  if (errors > ERRORS_SHOWN) {
    console.error(`  and ${errors - ERRORS_SHOWN} more, in scores.parquet`);
  }
  return errors;
}
