/**
 * What stderr says of the tiles in which images were seen.
 *
 * @module
 */
import { printable } from "../lib/report/format.ts";
import type { Summary } from "../lib/results/summary.ts";

/** Categories that are named. */
const NAMES_SHOWN = 10;

/**
 * Prints which tiles `--tile auto` chose, by category.
 *
 * @param summary The summary of the run; one without such tiles says nothing.
 */
export function printTiles({ frame }: Pick<Summary, "frame">): void {
  const chosen = Object.entries(frame?.tiles ?? {});
  for (const [category, counts] of chosen.slice(0, NAMES_SHOWN)) {
    const parts = Object.entries(counts).sort(([, a], [, b]) => b - a)
      .map(([tiles, images]) =>
        `${tiles} (${images} ${images === 1 ? "image" : "images"})`
      );
    const shown = parts.slice(0, 3).join(", ");
    const more = parts.length > 3 ? ` and ${parts.length - 3} other ways` : "";
    console.error(printable(`Tiles of ${category}: ${shown}${more}`));
  }
  const left = chosen.length - NAMES_SHOWN;
  if (left > 0) console.error(`Tiles of ${left} more categories: summary.json`);
}
