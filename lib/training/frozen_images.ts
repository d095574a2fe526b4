/**
 * Features of images that training does not change.
 *
 * @module
 */
import type { ImageFeatures } from "../methods/training_rules.ts";
import { KeptFeatures } from "./images/image_features.ts";
import type { PreparedTraining } from "./prepare_training.ts";
import type { CompleteTrainModelOptions } from "./train_model_options.ts";

/**
 * Features of images that are computed before training; null where the losses
 * read pixels, what is trained changes the features, or images change between
 * epochs.
 */
export function frozenImages(
  { model: { architecture } }: PreparedTraining,
  { trainedParts, augmentation }: CompleteTrainModelOptions,
): ImageFeatures | null {
  const { flip, rotate, mosaic } = augmentation;
  if (flip || rotate || mosaic > 0) return null;
  const isHeadAlone = [...trainedParts].every((part) => part === "head");
  return isHeadAlone ? architecture.training!.image ?? null : null;
}

/** Most bytes of features of images that are kept. */
const MOST_KEPT = 4 * 2 ** 30;

/** Features of images that are computed once; null where there are none. */
export async function keptFeatures(
  prepared: PreparedTraining,
  options: CompleteTrainModelOptions,
): Promise<KeptFeatures | null> {
  const image = frozenImages(prepared, options);
  if (image === null) return null;
  const { provider, threads, availableBytes } = options;
  const cacheBytes = Math.min(MOST_KEPT, availableBytes / 4);
  const running = { provider, threads, cacheBytes };
  return await KeptFeatures.open(prepared.model, image, running);
}
