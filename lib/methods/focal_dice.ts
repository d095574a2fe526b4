/**
 * The focal and dice losses that the rivals share, on the probabilities of both
 * states.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";

/** The smoothing of the focal loss's one-hot targets. */
const SMOOTH = 1e-5;

/** Mean over all elements of [B, ...], as a scalar. */
export function batchMean(g: GraphBuilder, x: Value): Value {
  const [batch, ...rest] = x.shape as [number, ...number[]];
  const inner = rest.length > 0
    ? g.reduceMean(x, rest.map((_, i) => i + 1))
    : x;
  const rows = g.reshape(inner, [batch]);
  const ones = g.broadcastTo(g.constant([1], [1], x.type), [batch]);
  const sum = (y: Value) => g.reduceSum(y, [0]);
  return g.reshape(g.divide(sum(rows), sum(ones)), []);
}

/**
 * Focal loss with gamma 2, mean over all elements. The published one smooths
 * the one-hot target by s = 1e-5 and adds s once more: with the probabilities r
 * of the right state and w of the wrong one it is -(1 - p)^2 log p, p = r + 2 s
 * w, so that 1 - p = (1 - 2 s) w is exact near 0.
 *
 * @param probabilities Of the normal and the abnormal state, [B, ...].
 * @param target 1 where abnormal, else 0, [B, ...].
 */
export function focalLoss(
  g: GraphBuilder,
  [normal, abnormal]: readonly [normal: Value, abnormal: Value],
  target: Value,
): Value {
  const defective = g.equal(target, 1);
  const right = g.select(defective, abnormal, normal);
  const wrong = g.select(defective, normal, abnormal);
  const p = g.add(right, g.multiply(wrong, 2 * SMOOTH));
  const rest = g.multiply(wrong, 1 - 2 * SMOOTH);
  const loss = g.multiply(g.multiply(rest, rest), g.log(p));
  return g.negate(batchMean(g, loss));
}

/**
 * 1 - (2 |m t| + 1) / (|m| + |t| + 1), mean over what is not summed.
 *
 * @param m Probabilities of one state [B, H, H].
 * @param target 1 where it is that state, else 0, [B, H, H].
 * @param axes What is summed: an image, or a row of pixels.
 */
export function diceLoss(
  g: GraphBuilder,
  m: Value,
  target: Value,
  axes: readonly number[] = [1, 2],
): Value {
  const sum = (x: Value) => g.reduceSum(x, axes);
  const common = g.add(g.multiply(sum(g.multiply(m, target)), 2), 1);
  const all = g.add(g.add(sum(m), sum(target)), 1);
  return batchMean(g, g.subtract(1, g.divide(common, all)));
}
