/**
 * Operations with a gradient of their own.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** An operation and what it pulls back. */
export interface Differentiable {
  /** Computes the result. */
  readonly forward: (inputs: readonly tf.Tensor[]) => tf.Tensor;
  /** Computes one cotangent per input; `saved` is the inputs and the result. */
  readonly backward: (
    cotangent: tf.Tensor,
    inputsAndResult: readonly tf.Tensor[],
  ) => tf.Tensor[];
}

/** Runs an operation, which enters the tape with its own gradient. */
export function withGradient(
  inputs: readonly tf.Tensor[],
  { forward, backward }: Differentiable,
): tf.Tensor {
  return tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const tensors = args.slice(0, -1) as tf.Tensor[];
    const value = forward(tensors);
    save([...tensors, value]);
    return {
      value,
      gradFunc: (dy, saved) => tf.tidy(() => backward(dy, saved)),
    };
  })(...inputs);
}
