/**
 * How much nearer a feature is to the abnormal state than to the normal one.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";

/**
 * Probabilities fall no lower than at this logit: the exponentials beyond it
 * leave the range of float32.
 */
const LOWEST_LOGIT = -80;

/**
 * 1 / (1 + e^-x), the probability of a logit in `wide`. onnxruntime's own
 * sigmoid is never below 1.5e-8.
 */
export function probability(g: GraphBuilder, logit: Value): Value {
  const bounded = g.maximum(logit, LOWEST_LOGIT);
  return g.divide(1, g.add(g.exp(g.negate(bounded)), 1));
}

/**
 * The scale of cosines, a scalar.
 *
 * @param scale Its value; null takes the checkpoint's own.
 */
export function logitScale(g: GraphBuilder, scale: number | null): Value {
  return scale === null
    ? g.exp(g.cast(g.parameter("logit_scale", []), "wide"))
    : g.constant([scale], [], "wide");
}

/**
 * The scaled difference of the states' text features. Its product with a
 * feature is the logit of the abnormal state. The difference is taken first:
 * cosines in float16 would lose it.
 *
 * @param text Unit text features [B, 2, Dt], normal before abnormal.
 * @param scale The scale of cosines, a scalar.
 * @returns [B, 1, Dt].
 */
export function abnormalDirection(
  g: GraphBuilder,
  text: Value,
  scale: Value,
): Value {
  const state = (i: number) => g.slice(g.cast(text, "wide"), 1, i, i + 1);
  const difference = g.subtract(state(1), state(0));
  return g.cast(g.multiply(difference, scale), "float");
}

/**
 * Logits of the abnormal state: the softmax over both states is the sigmoid of
 * these.
 *
 * @param features Unit features [B, N, Dt].
 * @param direction What {@linkcode abnormalDirection} gave.
 * @returns [B, N].
 */
export function abnormalLogits(
  g: GraphBuilder,
  features: Value,
  direction: Value,
): Value {
  const [batch, count] = features.shape as [number, number, number];
  const logits = g.matMul(features, direction, { transposeB: true });
  return g.cast(g.reshape(logits, [batch, count]), "wide");
}

/**
 * Probabilities of both states from logits of the abnormal one. Neither loses
 * precision near 0.
 *
 * @param logits [B, ...].
 * @returns [B, 2, ...], normal before abnormal.
 */
export function stateProbabilities(g: GraphBuilder, logits: Value): Value {
  const [batch, ...rest] = logits.shape as [number, ...number[]];
  const z = g.reshape(logits, [batch, 1, ...rest]);
  return g.concat([probability(g, g.negate(z)), probability(g, z)], 1);
}
