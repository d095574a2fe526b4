/**
 * Which patches of good images are kept: a coreset.
 *
 * @module
 */
import { Random } from "../random.ts";
import { Coreset } from "./coreset.ts";
import { MOST_CANDIDATES } from "./memory.ts";
import { draw } from "./projection.ts";

/** Patches, and the good images they are of. */
export interface KeptPatches {
  /** Features. */
  readonly rows: Float32Array; // [N, F]
  /** Numbers of the images. */
  readonly owners: Uint32Array; // [N]
  /** Features of patches that stand in for those of an image left out. */
  readonly spareRows: Float32Array; // [R, F]
  /** For each image, which of these are kept where the image is not there. */
  readonly sparesOf: readonly Uint32Array[]; // numbers of rows in R
}

/** The part of the candidates that is kept. */
const KEPT_PART = 0.25;

/** So many patches are kept in any case. */
const LEAST_KEPT = 500;

/** Features by which patches are chosen: enough to tell them apart. */
const CHOOSING_FEATURES = 64;

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

/** Features of some of the patches, one after the other. */
function gathered(
  indices: ArrayLike<number>,
  rowOf: (index: number) => Float32Array,
  width: number,
): Float32Array {
  const rows = new Float32Array(indices.length * width); // [N, F]
  Array.from(indices, (index, i) => rows.set(rowOf(index), i * width));
  return rows;
}

/**
 * Keeps a quarter of the patches, which cost a quarter of the time and find
 * defects as well (models/nano/README.md). Of very many, a random part are
 * candidates. The same patches are kept for the same images.
 *
 * An image that is left out leaves a hole where its patches were kept, though
 * other images have patches there: as many of theirs are chosen as spares.
 *
 * @param images Features of each image [P, F]; the number of patches may differ.
 * @param width Features per patch, F.
 */
export async function keepPatches(
  images: readonly Float32Array[],
  width: number,
): Promise<KeptPatches> {
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
  const coreset = new Coreset(
    Array.from(
      candidates,
      (index) => rowOf(index).subarray(0, CHOOSING_FEATURES),
    ),
    candidates.map((index) => owners[index]!),
  );
  const chosen = await coreset.choose(count);
  const spares: Uint32Array[] = [];
  for (const k of images.keys()) {
    spares.push(await coreset.sparesFor(k));
  }
  const needed = [...new Set(spares.flatMap((each) => [...each]))];
  const placeOf = new Map(needed.map((candidate, i) => [candidate, i]));
  const indexOf = (candidate: number) => candidates[candidate]!;
  const kept = chosen.map(indexOf);
  return {
    rows: gathered(kept, rowOf, width),
    owners: kept.map((index) => owners[index]!),
    spareRows: gathered(needed.map(indexOf), rowOf, width),
    sparesOf: spares.map((each) => each.map((one) => placeOf.get(one)!)),
  };
}
