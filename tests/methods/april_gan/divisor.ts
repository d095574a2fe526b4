/**
 * From published maps of APRIL-GAN to M.
 *
 * @module
 */
import type { PromptedGolden } from "../../golden/prompted_clips/golden.ts";

/** Number of taps where the published map is their sum. */
const SUMMED: Readonly<Record<string, number>> = {
  published: 4,
  checkpoint: 2,
  mean: 1,
  one_tap: 1,
};

/** What the published map of a golden is divided by. */
export function divisorOf({ name }: PromptedGolden): number {
  return SUMMED[name]!;
}
