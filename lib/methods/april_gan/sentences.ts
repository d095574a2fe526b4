/**
 * APRIL-GAN's sentences: every template about every state.
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
  "a bright photo of a {}.",
  "a dark photo of the {}.",
  "a photo of my {}.",
  "a photo of the cool {}.",
  "a close-up photo of a {}.",
  "a black and white photo of the {}.",
  "a bright photo of the {}.",
  "a cropped photo of a {}.",
  "a jpeg corrupted photo of a {}.",
  "a blurry photo of the {}.",
  "a photo of the {}.",
  "a good photo of the {}.",
  "a photo of one {}.",
  "a close-up photo of the {}.",
  "a photo of a {}.",
  "a low resolution photo of a {}.",
  "a photo of a large {}.",
  "a blurry photo of a {}.",
  "a jpeg corrupted photo of the {}.",
  "a good photo of a {}.",
  "a photo of the small {}.",
  "a photo of the large {}.",
  "a black and white photo of a {}.",
  "a dark photo of a {}.",
  "a photo of a cool {}.",
  "a photo of a small {}.",
  "there is a {} in the scene.",
  "there is the {} in the scene.",
  "this is a {} in the scene.",
  "this is the {} in the scene.",
  "this is one {} in the scene.",
];

/**
 * The sentences about a product: 245 of a flawless one, 175 of a damaged one.
 *
 * @param name Its name, which is used as it is written.
 */
export function aprilGanSentences(name: string): Sentences {
  return {
    normal: composeSentences(name, {
      states: NORMAL_STATES,
      templates: TEMPLATES,
    }),
    abnormal: composeSentences(name, {
      states: ABNORMAL_STATES,
      templates: TEMPLATES,
    }),
  };
}
