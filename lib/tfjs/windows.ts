/**
 * Windows that slide over images. The graph lays images out as [N, C, H, W] and
 * kernels as [O, C, h, w]; TensorFlow.js wants [N, H, W, C] and [h, w, C, O].
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Attributes } from "../graph/primitives.ts";
import { withGradient } from "./with_gradient.ts";

type Image = tf.Tensor4D;

/** Below all other numbers, but finite, so that 0 times it is 0. */
const LOWEST = -(2 - 2 ** -23) * 2 ** 127;

function channelsLast(x: tf.Tensor): Image {
  return tf.transpose(x as Image, [0, 2, 3, 1]);
}

function channelsFirst(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, [0, 3, 1, 2]);
}

function kernelLast(kernel: tf.Tensor): Image {
  return tf.transpose(kernel as Image, [2, 3, 1, 0]); // [h, w, C, O]
}

/** Adds a border to [N, H, W, C]. */
function border(x: Image, padding: number, value = 0): Image {
  if (padding === 0) return x;
  const side: [number, number] = [padding, padding];
  return tf.pad(x, [[0, 0], side, side, [0, 0]], value);
}

/** Cross-correlation of x [N, C, H, W] with a kernel [O, C, h, w]. */
export function conv2d(
  x: tf.Tensor,
  kernel: tf.Tensor,
  { stride, padding }: Attributes["conv2d"],
): tf.Tensor {
  const padded = border(channelsLast(x), padding);
  return channelsFirst(
    tf.conv2d(padded, kernelLast(kernel), stride, "valid"),
  );
}

/** What {@linkcode conv2d} pulls back to an input of `shape`. */
export function conv2dInputGradient(
  dy: tf.Tensor,
  kernel: tf.Tensor,
  { stride, padding, shape }: Attributes["conv2d"] & { shape: number[] },
): tf.Tensor {
  const [n, c, h, w] = shape as [number, number, number, number];
  const padded: [number, number, number, number] = [
    n,
    h + 2 * padding,
    w + 2 * padding,
    c,
  ];
  const dx = tf.conv2dTranspose(
    channelsLast(dy),
    kernelLast(kernel),
    padded,
    stride,
    "valid",
  );
  return channelsFirst(
    tf.slice(dx, [0, padding, padding, 0], [n, h, w, c]),
  );
}

/** What {@linkcode conv2d} pulls back to a kernel of `shape`. */
export function conv2dKernelGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  { stride, padding, shape }: Attributes["conv2d"] & { shape: number[] },
): tf.Tensor {
  const [o, c, h, w] = shape as [number, number, number, number];
  const inputs = {
    x: border(channelsLast(x), padding),
    dy: channelsLast(dy),
  };
  const gradient = tf.engine().runKernel<Image>(
    tf.Conv2DBackpropFilter,
    inputs,
    {
      strides: [stride, stride],
      pad: "valid",
      dataFormat: "NHWC",
      filterShape: [h, w, c, o],
    },
  );
  return tf.transpose(gradient, [3, 2, 0, 1]); // [O, C, h, w]
}

/** Maximum over square windows of x [N, C, H, W]; padding never wins. */
export function maxPool2d(
  x: tf.Tensor,
  attributes: Attributes["maxPool2d"],
): tf.Tensor {
  const { window, stride, padding } = attributes;
  return withGradient([x], {
    forward: ([x]) => {
      const padded = border(channelsLast(x!), padding, LOWEST);
      return channelsFirst(tf.maxPool(padded, window, stride, "valid"));
    },
    backward: (dy, [x]) => [maxPool2dGradient(x!, dy, attributes)],
  });
}

/**
 * What {@linkcode maxPool2d} pulls back, to the first maximum. The kernels that
 * TensorFlow.js has for this are wrong where numbers are negative or tie, in
 * WebAssembly and WebGPU.
 */
export function maxPool2dGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  { window, stride, padding }: Attributes["maxPool2d"],
): tf.Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [, , rows, columns] = dy.shape as [number, number, number, number];
  const places = window ** 2;
  const planes = border(tf.reshape(x, [n * c, h, w, 1]), padding, LOWEST);
  const unfold: Image = tf.reshape(tf.eye(places), [window, window, 1, places]);
  const windows = tf.conv2d(planes, unfold, stride, "valid");
  const first = tf.cast(tf.oneHot(tf.argMax(windows, 3), places), "float32");
  const shares = tf.mul(first, tf.reshape(dy, [n * c, rows, columns, 1]));
  const padded = tf.conv2dTranspose(
    shares as Image, // [N C, h, w, window^2]
    unfold,
    planes.shape,
    stride,
    "valid",
  );
  const inner = tf.slice(padded, [0, padding, padding, 0], [n * c, h, w, 1]);
  return tf.reshape(inner, [n, c, h, w]);
}
