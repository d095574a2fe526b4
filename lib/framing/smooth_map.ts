/**
 * Gaussian smoothing of maps of any size.
 *
 * @module
 */
import type { ImageSize } from "../image/image.ts";
import { LEFT_OUT } from "../metrics/left_out.ts";
import { toProbability } from "./join_tiles.ts";
import { mirrored } from "./mirrored.ts";

/** The Gaussian is cut at so many standard deviations, as SciPy's. */
const REACH = 4;

/** Smallest probability in logarithms, as in the models' own graphs. */
const TINY = 1e-30;

function gaussian(sigma: number): Float64Array {
  const radius = Math.floor(REACH * sigma + 0.5);
  const weights = Float64Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/** Smooths along rows, and swaps rows and columns. */
function pass(
  values: Float64Array,
  { width, height }: ImageSize,
  weights: Float64Array,
): Float64Array {
  const radius = (weights.length - 1) / 2;
  const out = new Float64Array(values.length); // [width, height]
  const from = Int32Array.from(
    { length: width + 2 * radius },
    (_, i) => mirrored(i - radius, width),
  );
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        sum += weights[k]! * values[y * width + from[x + k]!]!;
      }
      out[x * height + y] = sum;
    }
  }
  return out;
}

/**
 * Smooths M and 1 - M, as the graphs of models do, and reads the logit again.
 * Pixels that do not count take no part.
 *
 * @param logits The map, [height, width].
 * @param size Its size.
 * @param sigma Standard deviation of the Gaussian in pixels; 0 for none.
 */
export function smoothMap(
  logits: Float32Array,
  { width, height }: ImageSize,
  sigma: number,
): Float32Array {
  if (sigma === 0) return logits;
  const weights = gaussian(sigma);
  const smooth = (sign: 1 | -1) => {
    const values = Float64Array.from(
      logits,
      (logit) => logit === LEFT_OUT ? 0 : toProbability(sign * logit),
    );
    const rows = pass(values, { width, height }, weights);
    return pass(rows, { width: height, height: width }, weights);
  };
  const [map, rest] = [smooth(1), smooth(-1)];
  // Where parts do not count, both lack the same share, which cancels out.
  return logits.map((logit, i) =>
    logit === LEFT_OUT
      ? LEFT_OUT
      : Math.log(Math.max(map[i]!, TINY)) - Math.log(Math.max(rest[i]!, TINY))
  );
}
