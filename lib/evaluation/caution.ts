/**
 * What readers of scores must know to trust them.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import type { Detector } from "../detector/detector.ts";

/** The embedded model, on what it has never seen. */
const NO_PHOTOGRAPHS =
  "nano has learned from drawn images only and knows no photographs, so these " +
  "scores may be no better than chance. Give good images of the product " +
  "(--good or --profile), or use a model from deno task download.";

/**
 * Says what must be known of the scores of images that are not drawn.
 *
 * @param detector The detector, with the good images that it has learned.
 * @param categories Categories of the images; none where any may come.
 * @returns A text, or undefined if there is nothing to say.
 */
export function cautionOnPhotographs(
  { directory, learned }: Pick<Detector, "directory" | "learned">,
  categories: readonly string[],
): string | undefined {
  const isNano = basename(directory) === "nano" &&
    basename(dirname(directory)) === "models";
  const known = new Set(learned.map(({ category }) => category));
  const isKnown = known.size > 0 &&
    categories.every((category) => known.has(category));
  return isNano && !isKnown ? NO_PHOTOGRAPHS : undefined;
}
