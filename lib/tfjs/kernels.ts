/**
 * How each primitive is computed with TensorFlow.js. The gradients are those of
 * its own tape, not the rules of `lib/graph`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { CompositeKind, NodeOf, Value } from "../graph/graph.ts";
import type { Primitive } from "../graph/primitives.ts";
import type { Shape } from "../graph/shape.ts";
import { axesExtremum, expandTo, pairExtremum } from "./extrema.ts";
import { castHalf } from "./half.ts";
import { DTYPES } from "./tensors.ts";
import {
  conv2d,
  conv2dInputGradient,
  conv2dKernelGradient,
  maxPool2d,
  maxPool2dGradient,
} from "./windows.ts";

/** What a kernel may ask of the run that it is part of. */
export interface KernelContext {
  /** The tensor of an input, a parameter or a constant. */
  readonly leaf: (value: Value) => tf.Tensor;
  /** A shape with the batch size in place of the free dimension. */
  readonly resolve: (shape: Shape) => number[];
}

type Kernel<P extends Primitive> = (
  inputs: readonly tf.Tensor[],
  node: NodeOf<P>,
  context: KernelContext,
) => tf.Tensor;

/** The kernel of each primitive. */
export const KERNELS: { [P in Primitive]: Kernel<P> } = {
  input: (_, { output }, { leaf }) => leaf(output),
  parameter: (_, { output }, { leaf }) => leaf(output),
  constant: (_, { output }, { leaf }) => leaf(output),
  negate: ([x]) => tf.neg(x!),
  exp: ([x]) => tf.exp(x!),
  log: ([x]) => tf.log(x!),
  sqrt: ([x]) => tf.sqrt(x!),
  sigmoid: ([x]) => tf.sigmoid(x!),
  erf: ([x]) => tf.erf(x!),
  leakyRelu: ([x], { attributes }) => tf.leakyRelu(x!, attributes.slope),
  add: ([a, b]) => tf.add(a!, b!),
  subtract: ([a, b]) => tf.sub(a!, b!),
  multiply: ([a, b]) => tf.mul(a!, b!),
  divide: ([a, b]) => tf.div(a!, b!),
  maximum: pair(pairExtremum(tf.maximum)),
  minimum: pair(pairExtremum(tf.minimum)),
  equal: ([a, b]) => tf.equal(detach(a!), detach(b!)),
  select: (inputs, { output }, { resolve }) => {
    const shape = resolve(output.shape);
    const [condition, a, b] = inputs.map((x) => expandTo(x, shape));
    return tf.where(condition!, a!, b!);
  },
  cast: ([x], { inputs: [from], attributes: { to } }) => {
    if (from!.type !== "half" && to !== "half") return cast(x!, DTYPES[to]);
    return castHalf(cast(x!, "float32"), { from: from!.type, to });
  },
  detach: ([x]) => detach(x!),
  matMul,
  conv2d: ([x, kernel], { attributes }) => conv2d(x!, kernel!, attributes),
  maxPool2d: ([x], { attributes }) => maxPool2d(x!, attributes),
  conv2dInputGradient: ([dy, kernel], { output, attributes }, { resolve }) =>
    conv2dInputGradient(dy!, kernel!, {
      ...attributes,
      shape: resolve(output.shape),
    }),
  conv2dKernelGradient: ([x, dy], { output, attributes }, { resolve }) =>
    conv2dKernelGradient(x!, dy!, {
      ...attributes,
      shape: resolve(output.shape),
    }),
  maxPool2dGradient: ([x, dy], { attributes }) =>
    maxPool2dGradient(detach(x!), detach(dy!), attributes),
  reduceSum: ([x], { attributes }) => tf.sum(x!, [...attributes.axes], true),
  reduceMax: reduction(axesExtremum(tf.max)),
  reduceMin: reduction(axesExtremum(tf.min)),
  argMax: ([x], { attributes: { axis } }) =>
    tf.expandDims(tf.argMax(detach(x!), axis), axis),
  reshape: ([x], { output }, { resolve }) =>
    tf.reshape(x!, resolve(output.shape)),
  transpose: ([x], { attributes }) =>
    tf.transpose(x!, [...attributes.permutation]),
  broadcastTo: ([x], { output }, { resolve }) =>
    expandTo(x!, resolve(output.shape)),
  concat: (inputs, { attributes }) => tf.concat([...inputs], attributes.axis),
  slice: ([x], { attributes: { axis, start, end } }) =>
    tf.slice(
      x!,
      x!.shape.map((_, i) => i === axis ? start : 0),
      x!.shape.with(axis, end - start),
    ),
  gather: ([table, indices]) => tf.gather(table!, indices! as tf.Tensor1D),
};

/**
 * Composites that run as one operation; undefined where their nodes run
 * instead. Without this the tape would keep every step of a softmax.
 */
export const COMPOSITE_KERNELS: {
  [K in CompositeKind]:
    | ((inputs: readonly tf.Tensor[]) => tf.Tensor)
    | undefined;
} = {
  linear: undefined,
  quantisedLinear: undefined,
  softmax: ([x]) => tf.softmax(x!),
  layerNorm: undefined,
  quickGelu: undefined,
  gelu: undefined,
  attention: undefined,
  batchNorm: undefined,
  segment: undefined,
};

function pair(
  apply: (a: tf.Tensor, b: tf.Tensor, shape: number[]) => tf.Tensor,
): Kernel<"maximum" | "minimum"> {
  return ([a, b], { output }, { resolve }) =>
    apply(a!, b!, resolve(output.shape));
}

function reduction(
  apply: (x: tf.Tensor, axes: readonly number[]) => tf.Tensor,
): Kernel<"reduceMax" | "reduceMin"> {
  return ([x], { attributes }) => apply(x!, attributes.axes);
}

/** Booleans and integers stay off the tape, as they are not differentiable. */
function cast(x: tf.Tensor, to: "float32" | "int32" | "bool"): tf.Tensor {
  if (to === "float32") return tf.cast(x, to);
  // WebAssembly would store 2 as a boolean.
  return to === "bool"
    ? tf.notEqual(tf.cast(detach(x), "float32"), 0)
    : tf.cast(detach(x), to);
}

/** Another handle of the same data, of which the tape knows nothing. */
function detach({ dataId, shape, dtype }: tf.Tensor): tf.Tensor {
  const engine = tf.engine();
  engine.backend.incRef(dataId);
  return engine.makeTensorFromTensorInfo({ dataId, shape, dtype });
}

/**
 * Gradients of `tf.matMul` need batches of the same shape, so operands are
 * brought to [N, rows, columns]; a matrix that is common to all rows stays one
 * product.
 */
function matMul(
  inputs: readonly tf.Tensor[],
  { output, attributes: { transposeA, transposeB } }: NodeOf<"matMul">,
  { resolve }: KernelContext,
): tf.Tensor {
  const [a, b] = inputs as readonly [tf.Tensor, tf.Tensor];
  const shape = resolve(output.shape);
  if (b.rank === 2 && !transposeA) {
    const rows = tf.reshape(a, [-1, a.shape.at(-1)!]);
    return tf.reshape(tf.matMul(rows, b, false, transposeB), shape);
  }
  const outer = shape.slice(0, -2);
  const [x, y] = [a, b].map((operand) => {
    const matrix = operand.shape.slice(-2);
    const full = expandTo(operand, [...outer, ...matrix]);
    return tf.reshape(full, [tf.util.sizeFromShape(outer), ...matrix]);
  });
  return tf.reshape(tf.matMul(x!, y!, transposeA, transposeB), shape);
}
