/**
 * Scales, from what good images themselves reach.
 *
 * @module
 */
import { gaussianMatrix } from "../graph/resample.ts";
import type { CountedPatches } from "./counted_patches.ts";
import type { Calibration } from "./memory.ts";

/**
 * How much the usual distance at a place counts beside the usual distance
 * anywhere. More is better where products lie at the same place in each image,
 * and worse where they do not.
 */
const POSITION_WEIGHT = 0.3;

/** Keeps what is divided by away from 0. */
const LEAST = 1e-6;

const mean = (values: readonly number[]) =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** A grid [g, g], smoothed over its neighbours with sigma 1. */
function smoothed(cells: Float64Array, grid: number): Float64Array {
  const { data } = gaussianMatrix(grid, 1, "nearest");
  // One pass smooths the columns and transposes, the second does the rest.
  const pass = (x: Float64Array) =>
    x.map((_, at) => {
      const [row, column] = [at % grid, Math.floor(at / grid)];
      let sum = 0;
      for (let i = 0; i < grid; i++) {
        sum += data[row * grid + i]! * x[i * grid + column]!;
      }
      return sum;
    });
  return pass(pass(cells));
}

/** How far the patches of a tile of a good image are from other good ones. */
export interface MeasuredTile {
  /** Distances to the nearest patch of another image [P]. */
  readonly distances: Float32Array;
  /** Zero-shot logits [P]. */
  readonly logits: Float32Array;
  /** Which patches count. */
  readonly counted: CountedPatches;
}

/** Usual distances at each place of the grid; where nothing counts, anywhere. */
function usualDistances(
  tiles: readonly MeasuredTile[],
  grid: number,
): Float32Array {
  const places = Array.from({ length: grid * grid }, (_, i) => i);
  const counts = (at: number) => ({ counted }: MeasuredTile) =>
    counted === null || counted[at] === 1;
  const cells = places.map((at) => {
    const here = tiles.filter(counts(at));
    return here.reduce(
      (sum, { distances }) => sum + distances[at]! / here.length,
      0,
    );
  });
  const seen = cells.filter((_, at) => tiles.some(counts(at)));
  const overall = mean(seen);
  const filled = Float64Array.from(
    cells,
    (cell, at) => tiles.some(counts(at)) ? cell : overall,
  );
  return Float32Array.from(smoothed(filled, grid), (here) =>
    Math.max(
      POSITION_WEIGHT * here + (1 - POSITION_WEIGHT) * overall,
      LEAST,
    ));
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** The highest value of the patches of an image that count. */
function highest(
  tiles: readonly MeasuredTile[],
  { least, read }: {
    readonly least: number;
    readonly read: (tile: MeasuredTile, patch: number) => number;
  },
): number {
  let most = least;
  for (const tile of tiles) {
    for (let i = 0; i < tile.logits.length; i++) {
      if (tile.counted !== null && tile.counted[i] === 0) continue;
      most = Math.max(most, read(tile, i));
    }
  }
  return most;
}

/**
 * Brings distances and zero-shot logits to a common scale.
 *
 * @param images The tiles of each good image; of a single image, distances are
 * those to the nearest patch elsewhere in it.
 * @param grid Patches per row and column.
 */
export function calibrate(
  images: readonly (readonly MeasuredTile[])[],
  grid: number,
): Calibration {
  const position = images.length > 1
    ? usualDistances(images.flat(), grid)
    : new Float32Array(grid * grid).fill(1);
  const largest = images.map((tiles) =>
    highest(tiles, {
      least: 0,
      read: ({ distances }, i) => distances[i]! / position[i]!,
    })
  );
  const maxima = images.map((tiles) =>
    highest(tiles, { least: -Infinity, read: ({ logits }, i) => logits[i]! })
  );
  const centre = mean(maxima);
  const deviation = Math.sqrt(mean(maxima.map((z) => (z - centre) ** 2)));
  return {
    position,
    threshold: Math.fround(Math.max(mean(largest), LEAST)),
    logitMedian: Math.fround(medianOf(maxima)),
    logitSpread: Math.fround(Math.max(deviation, 1)),
  };
}
