/**
 * What TensorFlow.js 4.22 lacks: two kernels of its WebAssembly backend, a quick
 * product of transposed matrices there, and the gradient of a kernel. They are
 * composed of operations that it has.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

const BACKEND = "wasm";

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

/** Registers the kernels that the WebAssembly backend lacks; once is enough. */
export function registerMissingKernels(): void {
  if (tf.getKernel(tf.UnsortedSegmentSum, BACKEND) !== undefined) return;
  register(tf.Conv2DBackpropFilter, filterGradient);
  register(tf.UnsortedSegmentSum, segmentSum);
  transposeBeforeProducts();
}

/** Composes a kernel; the engine hands kernels the tensors themselves. */
function register<I, A>(
  kernelName: string,
  compute: (inputs: I, attributes: A) => tf.Tensor,
): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND,
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

/**
 * Transposes matrices before they are multiplied: the kernel's own product of
 * transposed ones is up to 70 times slower than its plain one.
 */
function transposeBeforeProducts(): void {
  const plain = tf.getKernel(tf.BatchMatMul, BACKEND);
  tf.unregisterKernel(tf.BatchMatMul, BACKEND);
  tf.registerKernel({
    ...plain,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const multiply = (a: tf.Tensor, b: tf.Tensor) => {
        const attributes = { ...attrs, transposeA: false, transposeB: false };
        const product = plain.kernelFunc({
          inputs: { a, b },
          attrs: attributes,
          backend,
        });
        return tf.engine().makeTensorFromTensorInfo(product as tf.TensorInfo);
      };
      const { a, b } = inputs as Operands<"a" | "b">;
      return tf.tidy(() => {
        const left = attrs?.transposeA ? transposed(a) : a;
        if (!attrs?.transposeB) return multiply(left, b);
        // A B^T = (B A^T)^T, where that moves fewer numbers.
        const rows = left.size / left.shape.at(-1)!;
        const moved = left.size + rows * b.shape.at(-2)!;
        return moved < b.size
          ? transposed(multiply(b, transposed(left)))
          : multiply(left, transposed(b));
      });
    },
  });
}

/** The transpose of each matrix [..., rows, columns]. */
function transposed(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
}
