/**
 * Distances to the features of good images.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";

/**
 * Cosine distance to the nearest feature of a bank.
 *
 * @param features Unit features [B, N, D].
 * @param bank Unit features [M, D].
 * @returns From 0 to 2, [B, N].
 */
export function nearestCosineDistance(
  g: GraphBuilder,
  features: Value,
  bank: Value,
): Value {
  const [batch, count] = features.shape as [number, number];
  const cosines = g.matMul(features, bank, { transposeB: true }); // [B, N, M]
  const nearest = g.cast(g.reduceMax(cosines, [2]), "wide");
  return g.reshape(g.subtract(1, nearest), [batch, count]);
}
