/**
 * Scales, from what good images themselves reach.
 *
 * @module
 */
import { gaussianMatrix } from "../graph/resample.ts";
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

/** Usual distances at each place of the grid. */
function usualDistances(
  distances: readonly Float32Array[],
  grid: number,
): Float32Array {
  const cells = new Float64Array(grid * grid);
  for (const map of distances) {
    map.forEach((value, i) => cells[i]! += value / distances.length);
  }
  const overall = mean([...cells]);
  return Float32Array.from(smoothed(cells, grid), (here) =>
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

/**
 * Brings distances and zero-shot logits to a common scale.
 *
 * @param distances Of each good image, to the nearest patch of another; of a
 * single image, to the nearest one elsewhere in it [P].
 * @param logits Zero-shot logits of each good image [P].
 * @param grid Patches per row and column.
 */
export function calibrate(
  distances: readonly Float32Array[],
  logits: readonly Float32Array[],
  grid: number,
): Calibration {
  const position = distances.length > 1
    ? usualDistances(distances, grid)
    : new Float32Array(grid * grid).fill(1);
  const largest = distances.map((map) =>
    map.reduce((most, value, i) => Math.max(most, value / position[i]!), 0)
  );
  const maxima = logits.map((map) => map.reduce((a, b) => Math.max(a, b)));
  const centre = mean(maxima);
  const deviation = Math.sqrt(mean(maxima.map((z) => (z - centre) ** 2)));
  return {
    position,
    threshold: Math.fround(Math.max(mean(largest), LEAST)),
    logitMedian: Math.fround(medianOf(maxima)),
    logitSpread: Math.fround(Math.max(deviation, 1)),
  };
}
