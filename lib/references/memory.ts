/**
 * What is remembered of the good images of one product.
 *
 * @module
 */
import type { PatchSizes } from "../methods/architecture.ts";

/** Mean and spread of each channel over the good patches. */
export interface ChannelStatistics {
  /** Means. */
  readonly mean: Float32Array; // [D]
  /** What deviations from the mean are divided by. */
  readonly spread: Float32Array; // [D]
}

/** Statistics of the patch tokens of one tap. */
export interface TapStatistics {
  /** Of the tokens themselves. */
  readonly patch: ChannelStatistics;
  /** Of the means over each 3 x 3 neighbourhood. */
  readonly neighbourhood: ChannelStatistics;
}

/** The linear map from all views of a patch to its features. */
export interface Projection {
  /** One row per feature. */
  readonly weight: Float32Array; // [F, V]
  /** Added to each feature, so that their mean over the good patches is 0. */
  readonly bias: Float32Array; // [F]
}

/** What brings distances and zero-shot logits to a common scale. */
export interface Calibration {
  /** Distances that are usual at each place of the grid. */
  readonly position: Float32Array; // [g, g]
  /**
   * Mean over the good images of their largest distance to the other good
   * images, in units of `position`.
   */
  readonly threshold: number;
  /** Median over the good images of their largest zero-shot logit. */
  readonly logitMedian: number;
  /** Standard deviation of the same, but at least 1. */
  readonly logitSpread: number;
}

/** A good image that was learned. */
export interface LearnedImage {
  /** Its path below the folder of good images, or its number. */
  readonly key: string;
  /** SHA-256 of its pixels at the model's resolution, in hexadecimal. */
  readonly sha256: string;
  /**
   * Patches that count, of all its tiles.
   *
   * @default {those of one square}
   */
  readonly patches?: number;
}

/** The memory of one category's good images. */
export interface Memory {
  /** Sizes of the patch tokens. */
  readonly sizes: PatchSizes;
  /** By tap. */
  readonly statistics: readonly TapStatistics[];
  /** From views to features. */
  readonly projection: Projection;
  /** Features of the patches that are kept. */
  readonly features: Float32Array; // [N, F]
  /** Scales. */
  readonly calibration: Calibration;
  /** The good images. */
  readonly images: readonly LearnedImage[];
}

/**
 * Most patches from which those that are kept are chosen; of more, a random
 * part is taken, which is the same for the same number.
 */
export const MOST_CANDIDATES = 20_000;

/** Most good images of one category. */
export const MOST_IMAGES = 1000;

/** Most tiles of the good images of one category, all together. */
export const MOST_TILES = 1000;

/** How many patches of good images a memory was made of. */
export function seenPatches({ images, sizes }: Memory): number {
  return images.reduce(
    (sum, { patches = sizes.grid ** 2 }) => sum + patches,
    0,
  );
}

/** How many patches a memory keeps. */
export function keptPatches({ features, projection }: Memory): number {
  return features.length / projection.bias.length;
}
