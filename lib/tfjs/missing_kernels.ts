/**
 * What TensorFlow.js 4.22 lacks: two kernels of its WebAssembly backend, and the
 * gradient of a kernel. They are composed of operations that it has.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** A kernel's operands by name. */
type Operands<K extends string, T = tf.Tensor> = Readonly<Record<K, T>>;

/** Attributes of `Conv2DBackpropFilter`, here without padding. */
interface FilterAttributes {
  readonly strides: number | [number, number];
  readonly filterShape: [number, number, number, number];
}

/** Registers the gradient of `Conv2DBackpropFilter`. */
export function registerMissingGradient(): void {
  tf.registerGradient({
    kernelName: tf.Conv2DBackpropFilter,
    inputsToSave: ["x", "dy"],
    gradFunc: (cotangent, saved, attributes) => {
      const [x, dy] = saved as [tf.Tensor4D, tf.Tensor4D];
      const kernel = cotangent as tf.Tensor4D;
      const { strides } = attributes as unknown as FilterAttributes;
      return {
        x: () => tf.conv2dTranspose(dy, kernel, x.shape, strides, "valid"),
        dy: () => tf.conv2d(x, kernel, strides, "valid"),
      };
    },
  });
}

/** Registers the kernels that the WebAssembly backend lacks. */
export function registerMissingKernels(): void {
  register(tf.Conv2DBackpropFilter, filterGradient);
  register(tf.UnsortedSegmentSum, segmentSum);
}

/** Composes a kernel; the engine hands kernels the tensors themselves. */
function register<I, A>(
  kernelName: string,
  compute: (inputs: I, attributes: A) => tf.Tensor,
): void {
  const backendName = "wasm";
  if (tf.getKernel(kernelName, backendName) !== undefined) return;
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => compute(inputs as I, attrs as A)),
  });
}

/** A convolution of the input with the cotangent, samples as channels. */
function filterGradient(
  { x, dy }: Operands<"x" | "dy", tf.Tensor4D>,
  { strides, filterShape: [h, w, c, o] }: FilterAttributes,
): tf.Tensor {
  const images = tf.transpose(x, [3, 1, 2, 0]); // [C, H, W, N]
  const kernel = tf.transpose(dy, [1, 2, 0, 3]); // [h', w', N, O]
  const all = tf.conv2d(images, kernel, 1, "valid", "NHWC", strides);
  const sums = tf.slice(all, [0, 0, 0, 0], [c, h, w, o]);
  return tf.transpose(sums, [1, 2, 0, 3]); // [h, w, C, O]
}

/** Adds up the rows of x with the same id, as a product with one-hots. */
function segmentSum(
  { x, segmentIds }: Operands<"x" | "segmentIds">,
  { numSegments }: { readonly numSegments: number },
): tf.Tensor {
  const all = tf.expandDims(tf.range(0, numSegments, 1, "int32"), 1);
  const hits = tf.cast(tf.equal(segmentIds, all), "float32");
  const rows = tf.reshape(x, [x.shape[0]!, -1]);
  const sums = tf.matMul(hits, rows);
  return tf.reshape(sums, [numSegments, ...x.shape.slice(1)]);
}
