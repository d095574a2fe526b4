/**
 * Rounding to float16, which TensorFlow.js lacks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ElementType } from "../graph/primitives.ts";
import { DTYPES } from "./tensors.ts";
import { withGradient } from "./with_gradient.ts";

/** Half the distance of float32 numbers from 1 on. */
const UNIT = 2 ** -24;

/** Below it float16 numbers are equally far apart. */
const SMALLEST_NORMAL = 2 ** -14;

/** Float32 numbers from this times 2^e on are as far apart as float16's at 2^e. */
const COARSE = 1.5 * 2 ** 13;

/**
 * The nearest number of float16, ties to even; at most 65504 in size.
 *
 * The largest power of two below |x| is found as in Rump, Ogita and Oishi,
 * Accurate floating-point summation, 2008, algorithm 3.5.
 */
function roundToHalf(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const q = tf.mul(x, 0.5 / UNIT + 1);
    const power = tf.abs(tf.sub(q, tf.mul(q, 1 - UNIT)));
    const coarse = tf.mul(tf.maximum(power, SMALLEST_NORMAL), COARSE);
    return tf.sub(tf.add(x, coarse), coarse);
  });
}

/** A cast to or from `half`, whose cotangent is cast the other way. */
export function castHalf(
  x: tf.Tensor,
  { from, to }: { readonly from: ElementType; readonly to: ElementType },
): tf.Tensor {
  const toHalf = (y: tf.Tensor, type: ElementType) =>
    type === "half" ? roundToHalf(y) : y.clone();
  if (DTYPES[to] !== "float32") return tf.cast(x, DTYPES[to]);
  return withGradient([x], {
    forward: ([x]) => toHalf(x!, to),
    backward: (dy) => [toHalf(dy, from)],
  });
}
