/**
 * Layers, written with the primitives. Those that engines have as one operator
 * are recorded as composites.
 *
 * @module
 */
import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./graph.ts";

/** x W^T + b with x [..., in], W [out, in], b [out]: [..., out]. */
export function linear(
  g: GraphBuilder,
  x: Value,
  { weight, bias }: { weight: Value; bias: Value },
): Value {
  return g.composite("linear", [x, weight, bias], {}, () => {
    return g.add(g.matMul(x, weight, { transposeB: true }), bias);
  });
}

/** Softmax along the last axis. */
export function softmax(g: GraphBuilder, x: Value): Value {
  const last = [x.shape.length - 1];
  return g.composite("softmax", [x], {}, () => {
    const e = g.exp(g.subtract(x, g.reduceMax(x, last)));
    return g.divide(e, g.reduceSum(e, last));
  });
}

/** Layer normalisation along the last axis, with weight and bias [D]. */
export function layerNorm(
  g: GraphBuilder,
  x: Value,
  { weight, bias, epsilon }: { weight: Value; bias: Value; epsilon: number },
): Value {
  const last = [x.shape.length - 1];
  return g.composite("layerNorm", [x, weight, bias], { epsilon }, () => {
    const centred = g.subtract(x, g.reduceMean(x, last));
    const variance = g.reduceMean(g.multiply(centred, centred), last);
    const unit = g.divide(centred, g.sqrt(g.add(variance, epsilon)));
    return g.add(g.multiply(unit, weight), bias);
  });
}

/** x sigmoid(1.702 x), the activation of OpenAI's CLIP. */
export function quickGelu(g: GraphBuilder, x: Value): Value {
  return g.composite("quickGelu", [x], {}, () => {
    return g.multiply(x, g.sigmoid(g.multiply(x, 1.702)));
  });
}

/** x Phi(x) with the exact normal distribution function Phi. */
export function gelu(g: GraphBuilder, x: Value): Value {
  return g.composite("gelu", [x], {}, () => {
    const phi = g.add(g.erf(g.multiply(x, Math.SQRT1_2)), 1);
    return g.multiply(g.multiply(x, 0.5), phi);
  });
}

/**
 * Multi-head scaled dot-product attention over q, k, v [N, L, D]: [N, L, D].
 * With `causal`, a position attends to itself and earlier ones only.
 */
export function attention(
  g: GraphBuilder,
  [q, k, v]: readonly [q: Value, k: Value, v: Value],
  { heads, causal = false }: { heads: number; causal?: boolean },
): Value {
  if (causal) return maskedAttention(g, [q, k, v], heads, causalMask(g, q));
  return g.composite("attention", [q, k, v], { heads }, () => {
    return maskedAttention(g, [q, k, v], heads);
  });
}

function maskedAttention(
  g: GraphBuilder,
  [q, k, v]: readonly [q: Value, k: Value, v: Value],
  heads: number,
  mask?: Value,
): Value {
  const [n, length, width] = q.shape as [number, number, number];
  const split = (x: Value) =>
    g.transpose(g.reshape(x, [n, length, heads, width / heads]), [0, 2, 1, 3]);
  const scaled = g.multiply(split(q), (width / heads) ** -0.5); // [N, h, L, d]
  const scores = g.matMul(scaled, split(k), { transposeB: true }); // [N, h, L, L]
  const masked = mask === undefined ? scores : g.add(scores, mask);
  const mixed = g.matMul(softmax(g, masked), split(v)); // [N, h, L, d]
  return g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [n, length, width]);
}

/** [L, L]: 0 at and below the diagonal, far below any score above it. */
function causalMask(g: GraphBuilder, q: Value): Value {
  const length = q.shape[1]!;
  const mask = Float64Array.from(
    { length: length * length },
    (_, i) => i % length > Math.floor(i / length) ? -1e4 : 0,
  );
  return g.constant(mask, [length, length]);
}

/**
 * x / max(|x|, 1e-12) along the last axis, as PyTorch's `normalize`. The length
 * is taken in `wide`: squares leave the range of float16.
 */
export function l2Normalize(g: GraphBuilder, x: Value): Value {
  const last = [x.shape.length - 1];
  const wide = g.cast(x, "wide");
  const norm = g.sqrt(g.reduceSum(g.multiply(wide, wide), last));
  return g.cast(g.divide(wide, g.maximum(norm, 1e-12)), x.type);
}

/** The tensors of a batch normalisation, each [C]. */
export interface BatchNormTensors {
  /** Scale. */
  readonly weight: Value;
  /** Shift. */
  readonly bias: Value;
  /** Running mean. */
  readonly mean: Value;
  /** Running variance. */
  readonly variance: Value;
}

/** Batch normalisation of x [N, C, H, W] by running statistics. */
export function batchNorm(
  g: GraphBuilder,
  x: Value,
  { weight, bias, mean, variance }: BatchNormTensors,
): Value {
  const epsilon = 1e-5;
  const inputs = [x, weight, bias, mean, variance];
  return g.composite("batchNorm", inputs, { epsilon }, () => {
    const channels = (v: Value) => g.reshape(v, [v.shape[0]!, 1, 1]);
    const scale = g.divide(weight, g.sqrt(g.add(variance, epsilon)));
    const shift = g.subtract(bias, g.multiply(mean, scale));
    return g.add(g.multiply(x, channels(scale)), channels(shift));
  });
}
