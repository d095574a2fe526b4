/**
 * AdaCLIP's sentences: every template about every state.
 *
 * @module
 */
import { composeSentences, type Sentences } from "../sentences.ts";

const NORMAL = [
  "{}",
  "flawless {}",
  "perfect {}",
  "unblemished {}",
  "{} without flaw",
  "{} without defect",
  "{} without damage",
];

const ABNORMAL = [
  "damaged {}",
  "broken {}",
  "{} with flaw",
  "{} with defect",
  "{} with damage",
];

const TEMPLATES = [
  "a bad photo of a {}.",
  "a low resolution photo of the {}.",
  "a bad photo of the {}.",
  "a cropped photo of the {}.",
];

/** How many sentences each state has. */
export const SENTENCE_COUNTS: readonly [normal: number, abnormal: number] = [
  NORMAL.length * TEMPLATES.length,
  ABNORMAL.length * TEMPLATES.length,
];

/**
 * The sentences about a product: 28 of a flawless one, 20 of a damaged one.
 *
 * @param name Its name; `-` reads as a space, `_` stays.
 */
export function adaClipSentences(name: string): Sentences {
  const words = name.replaceAll("-", " ");
  const compose = (states: readonly string[]) =>
    composeSentences(words, { states, templates: TEMPLATES });
  return { normal: compose(NORMAL), abnormal: compose(ABNORMAL) };
}
