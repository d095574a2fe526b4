/**
 * Choices for a plain CLIP of any size, after those that were published for
 * ViT-L/14.
 *
 * @module
 */
import type { VisionConfig } from "../clip/config.ts";

/** The last blocks of each quarter: 6, 12, 18 and 24 of 24. */
export function quarterTaps({ numHiddenLayers }: VisionConfig): number[] {
  const quarters = [1, 2, 3, 4].map((i) => Math.ceil(i * numHiddenLayers / 4));
  return [...new Set(quarters)];
}

/** The published side where patches fill it, else the one CLIP was trained at. */
export function plainImageSize(
  { patchSize, imageSize }: VisionConfig,
  published: number,
): number {
  return published % patchSize === 0 ? published : imageSize;
}
