/**
 * AnomalyCLIP's sentences: one for each state, the same for every product.
 *
 * @module
 */
import type { Sentences } from "../sentences.ts";
import type { AnomalyClipConfig } from "./config.ts";

/** A word of one token. It only keeps a place for a learned one. */
const PLACE = "X";

/** Both sentences. */
export function anomalyClipSentences(
  { context, noun }: Pick<AnomalyClipConfig, "context" | "noun">,
): Sentences {
  const places = Array(context).fill(PLACE).join(" ");
  return {
    normal: [`${places} ${noun}.`],
    abnormal: [`${places} damaged ${noun}.`],
  };
}
