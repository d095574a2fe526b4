/**
 * WinCLIP's sentences: every template about every state.
 *
 * @module
 */
import {
  composeSentences,
  NORMAL_STATES,
  type Sentences,
} from "../sentences.ts";
import type { WinClipConfig } from "./config.ts";

const ABNORMAL = [
  "damaged {}",
  "{} with flaw",
  "{} with defect",
  "{} with damage",
];

/** 22 templates, without a full stop. */
const CAOYUNKANG = [
  "a cropped photo of the {}",
  "a cropped photo of a {}",
  "a close-up photo of a {}",
  "a close-up photo of the {}",
  "a bright photo of a {}",
  "a bright photo of the {}",
  "a dark photo of the {}",
  "a dark photo of a {}",
  "a jpeg corrupted photo of a {}",
  "a jpeg corrupted photo of the {}",
  "a blurry photo of the {}",
  "a blurry photo of a {}",
  "a photo of a {}",
  "a photo of the {}",
  "a photo of a small {}",
  "a photo of the small {}",
  "a photo of a large {}",
  "a photo of the large {}",
  "a photo of the {} for visual inspection",
  "a photo of a {} for visual inspection",
  "a photo of the {} for anomaly detection",
  "a photo of a {} for anomaly detection",
];

/**
 * 21 templates with a full stop. One of the 22 is missing, and where "a jpeg
 * corrupted photo of a" was, the next one stands twice.
 */
const ANOMALIB = CAOYUNKANG.filter((t) => t !== "a cropped photo of a {}").map(
  (t) =>
    `${t.replace("corrupted photo of a {}", "corrupted photo of the {}")}.`,
);

/**
 * The sentences about a product.
 *
 * @param name Its name, which is used as it is written.
 */
export function winClipSentences(
  name: string,
  prompts: WinClipConfig["prompts"],
): Sentences {
  const templates = prompts === "anomalib" ? ANOMALIB : CAOYUNKANG;
  const all = (states: readonly string[]) =>
    composeSentences(name, { states, templates });
  return { normal: all(NORMAL_STATES), abnormal: all(ABNORMAL) };
}
