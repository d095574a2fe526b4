/**
 * How far published maps of AnomalyCLIP lie from M.
 *
 * @module
 */
import {
  promptedExpected,
  type PromptedGolden,
} from "../../golden/prompted_clips/golden.ts";

/** What the map of the specification is divided by: sums go up to the taps. */
export function divisorOf(golden: PromptedGolden): number {
  const [category] = golden.categories as [string];
  const folder = promptedExpected(golden, category).replace(/[^/]+$/, "");
  const { combine, taps } = JSON.parse(
    Deno.readTextFileSync(`${folder}anomaly_clip.json`),
  );
  return combine === "sum" ? taps.length : 1;
}
