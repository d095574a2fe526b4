/**
 * Which patches of good images are kept.
 *
 * @module
 */
import { Random } from "../random.ts";
import { MOST_PATCHES } from "./memory.ts";
import { draw } from "./projection.ts";

/** Patches, and the good images they are of. */
export interface KeptPatches {
  /** Features. */
  readonly rows: Float32Array; // [N, F]
  /** Numbers of the images. */
  readonly owners: Uint32Array; // [N]
}

/**
 * All patches, or a random part of very many: the same part for the same
 * numbers. A greedy coreset in its place keeps outliers first, and takes a
 * time that grows with the square of the number.
 *
 * @param images Features of each image [P, F].
 * @param width Features per patch, F.
 */
export function keepPatches(
  images: readonly Float32Array[],
  width: number,
): KeptPatches {
  const patches = images[0]!.length / width;
  const total = images.length * patches;
  const kept = Math.min(total, MOST_PATCHES);
  const random = new Random("references/patches");
  const chosen = draw(random, total, kept).sort();
  const rows = new Float32Array(kept * width);
  for (const [i, index] of chosen.entries()) {
    const from = index % patches * width;
    const image = images[Math.floor(index / patches)]!;
    rows.set(image.subarray(from, from + width), i * width);
  }
  return { rows, owners: chosen.map((index) => Math.floor(index / patches)) };
}
