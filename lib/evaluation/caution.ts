/**
 * What readers of scores must know to trust them.
 *
 * @module
 */
import { basename, dirname } from "node:path";

/** The embedded model, on what it has never seen. */
const NO_PHOTOGRAPHS =
  "nano has learned from drawn images only and knows no photographs, so these " +
  "scores may be no better than chance. Give good images of the product " +
  "(--good or --profile), or use a model from deno task download.";

/** What was scored, and with what. */
export interface Scoring {
  /** Name or directory of the model. */
  readonly model: string;
  /** Categories whose good images are known. */
  readonly learned: Iterable<string>;
  /** Categories of the images; none where any may come. */
  readonly categories: readonly string[];
}

/**
 * Says what must be known of the scores of images that are not drawn.
 *
 * @returns A text, or undefined if there is nothing to say.
 */
export function cautionOnPhotographs(
  { model, learned, categories }: Scoring,
): string | undefined {
  const isNano = model === "nano" ||
    basename(model) === "nano" && basename(dirname(model)) === "models";
  const known = new Set(learned);
  const isKnown = known.size > 0 &&
    categories.every((category) => known.has(category));
  return isNano && !isKnown ? NO_PHOTOGRAPHS : undefined;
}
