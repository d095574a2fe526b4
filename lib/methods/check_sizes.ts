/**
 * Whether the choices of a method fit the vision tower.
 *
 * @module
 */
import type { VisionConfig } from "../clip/config.ts";

/** Choices that must fit. */
export interface VisionChoices {
  /** Side of the square images in pixels. */
  readonly imageSize: number;
  /**
   * Blocks whose output is read, counted from 1.
   *
   * @default {[]}
   */
  readonly taps?: readonly number[];
}

/**
 * Patches of a side at most. Attention between 128 x 128 patches takes 1 GB a
 * head; a side of 10^9 pixels took 12 GB before anything ran.
 */
const MOST_PATCHES = 128;

/** What does not fit, one clause each, with the names of the file. */
export function sizeProblems(
  { patchSize, numHiddenLayers: layers }: VisionConfig,
  { imageSize, taps = [] }: VisionChoices,
): string[] {
  const problems: string[] = [];
  if (imageSize % patchSize !== 0) {
    problems.push(
      `image_size must be a multiple of the patch size ${patchSize}: ` +
        `current value is ${imageSize}`,
    );
  }
  const most = MOST_PATCHES * patchSize;
  if (imageSize > most) {
    problems.push(
      `image_size must be at most ${most}, ${MOST_PATCHES} patches: ` +
        `current value is ${imageSize}`,
    );
  }
  if (taps.some((tap) => tap > layers)) {
    problems.push(
      `taps must be at most the ${layers} vision layers: ` +
        `current value is ${JSON.stringify(taps)}`,
    );
  }
  return problems;
}
