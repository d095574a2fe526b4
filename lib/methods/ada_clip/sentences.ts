/**
 * AdaCLIP's sentences: every template about every state.
 *
 * @module
 */
import {
  ABNORMAL_STATES,
  composeSentences,
  NORMAL_STATES,
  type Sentences,
} from "../sentences.ts";

const TEMPLATES = [
  "a bad photo of a {}.",
  "a low resolution photo of the {}.",
  "a bad photo of the {}.",
  "a cropped photo of the {}.",
];

/** How many sentences each state has. */
export const SENTENCE_COUNTS: readonly [normal: number, abnormal: number] = [
  NORMAL_STATES.length * TEMPLATES.length,
  ABNORMAL_STATES.length * TEMPLATES.length,
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
  return { normal: compose(NORMAL_STATES), abnormal: compose(ABNORMAL_STATES) };
}
