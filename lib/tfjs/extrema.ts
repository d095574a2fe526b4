/**
 * Maxima and minima whose ties share a cotangent equally. TensorFlow.js gives
 * the whole to each, and does not sum over what broadcasting repeated.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./with_gradient.ts";

/**
 * Repeats a tensor along axes that are 1 or missing. Adding to zeros has a
 * gradient that is a sum; that of `tf.broadcastTo` takes a step a repetition.
 */
export function expandTo(x: tf.Tensor, shape: number[]): tf.Tensor {
  if (tf.util.arraysEqual(x.shape, shape)) return x.clone();
  if (x.dtype !== "float32") return tf.broadcastTo(x, shape);
  return tf.add(x, tf.zeros(shape));
}

/** The larger or smaller of two numbers; equal ones take half a cotangent. */
export function pairExtremum(
  apply: typeof tf.maximum | typeof tf.minimum,
): (a: tf.Tensor, b: tf.Tensor, shape: number[]) => tf.Tensor {
  return (a, b, shape) =>
    withGradient([expandTo(a, shape), expandTo(b, shape)], {
      forward: ([a, b]) => apply(a!, b!),
      backward: (dy, [a, b, y]) => {
        const share = tf.where(tf.equal(a!, b!), tf.mul(dy, 0.5), dy);
        const none = tf.zerosLike(dy);
        return [a!, b!].map((x) => tf.where(tf.equal(x, y!), share, none));
      },
    });
}

/** The extremum over axes, which stay with size 1. */
export function axesExtremum(
  apply: typeof tf.max | typeof tf.min,
): (x: tf.Tensor, axes: readonly number[]) => tf.Tensor {
  return (x, axes) =>
    withGradient([x], {
      forward: ([x]) => apply(x!, [...axes], true),
      backward: (dy, [x, y]) => {
        const attained = tf.cast(tf.equal(x!, y!), "float32");
        const count = tf.sum(attained, [...axes], true);
        return [tf.mul(attained, tf.div(dy, count))];
      },
    });
}
