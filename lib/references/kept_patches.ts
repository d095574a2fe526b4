/**
 * Which patches of good images are kept: a coreset.
 *
 * @module
 */
import { Random } from "../random.ts";
import { MOST_CANDIDATES } from "./memory.ts";
import { draw } from "./projection.ts";

/** Patches, and the good images they are of. */
export interface KeptPatches {
  /** Features. */
  readonly rows: Float32Array; // [N, F]
  /** Numbers of the images. */
  readonly owners: Uint32Array; // [N]
}

/** The part of the candidates that is kept. */
const KEPT_PART = 0.25;

/** So many patches are kept in any case. */
const LEAST_KEPT = 500;

/** Features by which patches are chosen: enough to tell them apart. */
const CHOOSING_FEATURES = 64;

/**
 * Chooses patches so that each candidate has one nearby: each choice is the
 * candidate that is farthest from all chosen ones (PatchCore's greedy coreset).
 *
 * @param rows Features of the candidates.
 * @returns Their numbers, in order.
 */
export function chooseCoreset(
  rows: readonly Float32Array[],
  count: number,
): Uint32Array {
  const nearest = new Float64Array(rows.length).fill(Infinity);
  const chosen = new Uint32Array(count);
  for (let i = 1; i < count; i++) {
    const last = rows[chosen[i - 1]!]!;
    let farthest = 0;
    for (let j = 0; j < rows.length; j++) {
      const distance = squaredDistance(rows[j]!, last);
      if (distance < nearest[j]!) nearest[j] = distance;
      if (nearest[j]! > nearest[farthest]!) farthest = j;
    }
    chosen[i] = farthest;
  }
  return chosen.sort();
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
  return sum;
}

/** The image of each patch, and the number of the image's first patch. */
function patchOwners(
  images: readonly Float32Array[],
  width: number,
): { readonly owners: Uint32Array; readonly firsts: readonly number[] } {
  const firsts: number[] = [];
  let total = 0;
  for (const image of images) {
    firsts.push(total);
    total += image.length / width;
  }
  const owners = new Uint32Array(total);
  firsts.forEach((first, i) => owners.fill(i, first));
  return { owners, firsts };
}

/**
 * Keeps a quarter of the patches, which cost a quarter of the time and find
 * defects as well (models/nano/README.md). Of very many, a random part are
 * candidates. The same patches are kept for the same images.
 *
 * @param images Features of each image [P, F]; the number of patches may differ.
 * @param width Features per patch, F.
 */
export function keepPatches(
  images: readonly Float32Array[],
  width: number,
): KeptPatches {
  const { owners, firsts } = patchOwners(images, width);
  const total = owners.length;
  const random = new Random("references/patches");
  const candidates = draw(random, total, Math.min(total, MOST_CANDIDATES))
    .sort();
  const rowOf = (index: number) => {
    const owner = owners[index]!;
    const from = (index - firsts[owner]!) * width;
    return images[owner]!.subarray(from, from + width);
  };
  const part = Math.ceil(candidates.length * KEPT_PART);
  const count = Math.min(candidates.length, Math.max(part, LEAST_KEPT));
  const seen = Array.from(
    candidates,
    (index) => rowOf(index).subarray(0, CHOOSING_FEATURES),
  );
  const kept = count < candidates.length
    ? chooseCoreset(seen, count).map((i) => candidates[i]!)
    : candidates;
  const rows = new Float32Array(count * width);
  kept.forEach((index, i) => rows.set(rowOf(index), i * width));
  return { rows, owners: kept.map((index) => owners[index]!) };
}
