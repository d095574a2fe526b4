/**
 * Vector-Jacobian products of composites. They read operands and result only,
 * so that the composite itself may still run as one operator.
 *
 * @module
 */
import type { GraphBuilder } from "./builder.ts";
import type { CompositeKind, CompositeOf, Value } from "./graph.ts";
import { softmax } from "./nn.ts";
import { numberAfter } from "./delay.ts";
import { flattenRows, type Pullbacks } from "./vjp_rules.ts";

type CompositeRule<K extends CompositeKind> = (
  g: GraphBuilder,
  composite: CompositeOf<K>,
  cotangent: Value,
) => Pullbacks;

/** The rule of each composite; undefined where the rules of its nodes serve. */
export const COMPOSITE_VJP_RULES: {
  [K in CompositeKind]: CompositeRule<K> | undefined;
} = {
  // d(x W^T + b) = dx W^T + x dW^T + db
  linear: pullBackLinear,
  // Training does not quantise.
  quantisedLinear: undefined,
  // d(softmax x) = y (dx - sum(y dx))
  softmax: (g, { output: y }, dy) => [() => pullBackSoftmax(g, y, dy)],
  // With u = (x - mean) / s: d(u w + b) = du w + u dw + db and
  // du = (dx - mean(dx) - u mean(u dx)) / s
  layerNorm: pullBackLayerNorm,
  // With s = sigmoid(1.702 x): d(x s) = (s + 1.702 x s (1 - s)) dx
  quickGelu: (g, { inputs: [x] }, dy) => [() => {
    const scaled = g.multiply(x!, numberAfter(g, 1.702, dy));
    const s = g.sigmoid(scaled);
    const bend = g.multiply(scaled, g.subtract(1, s));
    return g.multiply(dy, g.multiply(s, g.add(bend, 1)));
  }],
  // d(x Phi(x)) = (Phi(x) + x exp(-x^2 / 2) / sqrt(2 pi)) dx
  gelu: (g, { inputs: [x] }, dy) => [() => {
    const scaled = g.multiply(x!, numberAfter(g, Math.SQRT1_2, dy));
    const phi = g.multiply(g.add(g.erf(scaled), 1), 0.5);
    const density = g.exp(g.negate(g.multiply(scaled, scaled)));
    const bend = g.multiply(g.multiply(scaled, density), Math.PI ** -0.5);
    return g.multiply(dy, g.add(phi, bend));
  }],
  // With P = softmax(Q K^T / sqrt d): d(P V) = dP V + P dV and dP as softmax's
  attention: pullBackAttention,
  // These two are differentiated node by node.
  batchNorm: undefined,
  segment: undefined,
};

function pullBackLinear(
  g: GraphBuilder,
  { inputs }: CompositeOf<"linear">,
  dy: Value,
): Pullbacks {
  const [x, weight] = inputs as readonly [Value, Value];
  return [
    () => g.matMul(dy, weight),
    () => g.matMul(flattenRows(g, dy), flattenRows(g, x), { transposeA: true }),
    () => g.reduceSum(flattenRows(g, dy), [0]),
  ];
}

/** dx = y (dy - sum dy y). */
function pullBackSoftmax(g: GraphBuilder, y: Value, dy: Value): Value {
  const mean = g.reduceSum(g.multiply(dy, y), [y.shape.length - 1]);
  return g.multiply(y, g.subtract(dy, mean));
}

function pullBackLayerNorm(
  g: GraphBuilder,
  { inputs, attributes: { epsilon } }: CompositeOf<"layerNorm">,
  dy: Value,
): Pullbacks {
  const [x, weight] = inputs as readonly [Value, Value];
  const last = [x.shape.length - 1];
  const share = numberAfter(g, 1 / x.shape.at(-1)!, dy);
  const centred = g.subtract(x, g.multiply(g.reduceSum(x, last), share));
  const variance = g.reduceMean(g.multiply(centred, centred), last);
  const scale = g.divide(
    g.constant([1], [], x.type),
    g.sqrt(g.add(variance, epsilon)),
  );
  const unit = g.multiply(centred, scale);
  const rows = x.shape.map((_, axis) => axis).slice(0, -1);
  return [
    () => {
      const d = g.multiply(dy, weight);
      const along = g.multiply(unit, g.reduceMean(g.multiply(d, unit), last));
      const level = g.reduceMean(d, last);
      return g.multiply(scale, g.subtract(g.subtract(d, level), along));
    },
    () => g.reduceSum(g.multiply(dy, unit), rows),
    () => g.reduceSum(dy, rows),
  ];
}

/**
 * Recomputes the probabilities rather than keeping them: of all that a block
 * computes they are the largest, [N, h, L, L].
 */
function pullBackAttention(
  g: GraphBuilder,
  { inputs, attributes: { heads }, output }: CompositeOf<"attention">,
  dy: Value,
): Pullbacks {
  const [q, k, v] = inputs as readonly [Value, Value, Value];
  const [n, length, width] = q.shape as [number, number, number];
  const split = (x: Value) =>
    g.transpose(g.reshape(x, [n, length, heads, width / heads]), [0, 2, 1, 3]);
  const join = (x: Value) =>
    g.reshape(g.transpose(x, [0, 2, 1, 3]), [n, length, width]);
  const scale = (width / heads) ** -0.5;
  const delayed = numberAfter(g, scale, dy);
  const queries = split(g.multiply(q, delayed)); // [N, h, L, d]
  const [keys, values, dOut] = [split(k), split(v), split(dy)];
  const p = softmax(g, g.matMul(queries, keys, { transposeB: true }));
  const dP = g.matMul(dOut, values, { transposeB: true }); // [N, h, L, L]
  const level = g.reduceSum(g.multiply(dOut, split(output)), [3]);
  const dScores = g.multiply(p, g.subtract(dP, level));
  return [
    () => join(g.multiply(g.matMul(dScores, keys), scale)),
    () => join(g.matMul(dScores, queries, { transposeA: true })),
    () => join(g.matMul(p, dOut, { transposeA: true })),
  ];
}
