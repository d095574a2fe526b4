/**
 * Distances from patches to the nearest good ones.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { linear } from "../graph/nn.ts";

/** Added where a pair must not be compared: beyond any distance. */
export const FORBIDDEN = -1e9;

/** -|m|^2 / 2 of each row m. */
export function halfNorms(rows: Float32Array, width: number): Float32Array {
  const norms = new Float64Array(rows.length / width);
  for (let i = 0; i < rows.length; i++) {
    norms[Math.floor(i / width)]! -= rows[i]! * rows[i]! / 2;
  }
  return Float32Array.from(norms);
}

/**
 * Half the squared distance from each patch to the nearest good one:
 * |f|^2 / 2 - max over m of (f m - |m|^2 / 2), at least 0.
 *
 * @param features [P, F], or of many images [B, P, F].
 * @param options Good patches [N, F], and {@linkcode halfNorms} [N].
 * @returns [P, 1], or [B, P, 1].
 */
export function nearestDistances(
  g: GraphBuilder,
  features: Value,
  { memory, norms }: { memory: Value; norms: Value },
): Value {
  const nearness = linear(g, features, { weight: memory, bias: norms });
  return toDistances(g, features, nearness);
}

/**
 * The same within one image, where near neighbours are not compared.
 *
 * @param features [P, F].
 * @param bias {@linkcode halfNorms}, and where not to compare [P, P].
 * @returns [P, 1].
 */
export function distancesWithin(
  g: GraphBuilder,
  features: Value,
  bias: Value,
): Value {
  const products = g.matMul(features, features, { transposeB: true });
  return toDistances(g, features, g.add(products, bias));
}

function toDistances(
  g: GraphBuilder,
  features: Value,
  nearness: Value,
): Value {
  const last = [features.shape.length - 1];
  const half = g.multiply(
    g.reduceSum(g.multiply(features, features), last),
    0.5,
  );
  return g.maximum(g.subtract(half, g.reduceMax(nearness, last)), 0);
}
