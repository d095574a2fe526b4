/**
 * Distances of good images to each other.
 *
 * @module
 */
import { GraphBuilder } from "../graph/builder.ts";
import { concatenated, type CountedPatches } from "./counted_patches.ts";
import {
  distancesWithin,
  FORBIDDEN,
  halfNorms,
  nearestDistances,
} from "./distances.ts";
import type { KeptPatches } from "./kept_patches.ts";
import type { LearnOptions } from "./learn_memory.ts";

/** In an image alone, patches as near as this are not compared. */
const NEAR = 2;

/** Distances of the tiles of each good image to the other images. */
export async function leaveOneOut(
  images: readonly (readonly Float32Array[])[], // each [P, F]
  { rows, owners, spareRows, sparesOf }: KeptPatches,
  { width, open }: Pick<LearnOptions, "open"> & { width: number },
): Promise<Float32Array[][]> {
  const g = new GraphBuilder();
  const known = concatenated([rows, spareRows]); // [N + R, F]
  const all = halfNorms(known, width);
  const patches = images[0]![0]!.length / width;
  const features = g.input("features", [patches, width], "wide");
  const norms = g.input("norms", [all.length], "wide");
  const memory = g.constant(known, [all.length, width], "wide");
  const distances = nearestDistances(g, features, { memory, norms });
  await using runner = await open(g.build({ distances }));
  const found: Float32Array[][] = [];
  for (const [k, tiles] of images.entries()) {
    const others = new Float32Array(all.length).fill(FORBIDDEN);
    owners.forEach((owner, i) => {
      if (owner !== k) others[i] = all[i]!;
    });
    for (const spare of sparesOf[k]!) {
      others[owners.length + spare] = all[owners.length + spare]!;
    }
    const distances: Float32Array[] = [];
    for (const features of tiles) {
      const outputs = await runner.run({ features, norms: others });
      distances.push(outputs.distances!);
    }
    found.push(distances);
  }
  return found;
}

/** Distances within one tile, without what lies near each patch. */
export async function leaveNearOut(
  tile: { readonly features: Float32Array; readonly counted: CountedPatches },
  { width, grid, open }: Pick<LearnOptions, "open"> & {
    readonly width: number;
    readonly grid: number;
  },
): Promise<Float32Array> {
  const { features: image, counted } = tile;
  const norms = halfNorms(image, width);
  // Small grids have no patch so far from their centre.
  const near = Math.min(NEAR, Math.floor(grid / 2) - 1);
  const bias = Float64Array.from(
    { length: norms.length ** 2 },
    (_, at) => {
      const [a, b] = [Math.floor(at / norms.length), at % norms.length];
      const rows = Math.abs(Math.floor(a / grid) - Math.floor(b / grid));
      const columns = Math.abs(a % grid - b % grid);
      const isOut = counted !== null && counted[b] === 0;
      return isOut || Math.max(rows, columns) <= near ? FORBIDDEN : norms[b]!;
    },
  );
  const g = new GraphBuilder();
  const features = g.input("features", [norms.length, width], "wide");
  const barred = g.constant(bias, [norms.length, norms.length], "wide");
  const distances = distancesWithin(g, features, barred);
  await using runner = await open(g.build({ distances }));
  const outputs = await runner.run({ features: image });
  return outputs.distances!;
}
