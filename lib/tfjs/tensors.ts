/**
 * Tensors that go into TensorFlow.js and come out of it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Value } from "../graph/graph.ts";
import type { ElementType } from "../graph/primitives.ts";
import { formatShape, type Shape } from "../graph/shape.ts";

/** Numbers that are fed, row-major; true is 1. */
export interface FedTensor {
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** One number per element of the shape. */
  readonly data:
    | Float32Array
    | Float64Array
    | Int32Array
    | BigInt64Array
    | Uint8Array;
}

/** Fed tensors by name. */
export type FedTensors = Readonly<Record<string, FedTensor>>;

/** Numbers that were computed, row-major; true is 1. */
export interface ComputedTensor {
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** Floats, integers or truth values. */
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Computed tensors by name. */
export type ComputedTensors = Readonly<Record<string, ComputedTensor>>;

/**
 * What each element type is in TensorFlow.js, which has no bytes and no float16:
 * `half` is rounded to numbers of float16.
 */
export const DTYPES: Record<ElementType, "float32" | "int32" | "bool"> = {
  float: "float32",
  wide: "float32",
  half: "float32",
  int: "int32",
  uint8: "int32",
  bool: "bool",
};

const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const;

/**
 * Finds the batch size: the number that the fed tensors give the free
 * dimension; undefined where no input has one.
 *
 * @throws {TypeError} If a tensor is missing, has another shape than its input,
 * or contradicts another one.
 */
export function batchSize(
  { inputs }: Graph,
  feeds: FedTensors,
): number | undefined {
  let batch: number | undefined;
  for (const { name, shape } of inputs) {
    const fed = feeds[name]?.shape;
    const free = shape.findIndex((size) => size < 0);
    if (fed !== undefined && free >= 0) batch ??= fed[free]! / -shape[free]!;
    const fits = fed?.length === shape.length &&
      shape.every((size, i) => fed[i] === (size < 0 ? -size * batch! : size));
    if (fits && (batch === undefined || Number.isInteger(batch))) continue;
    throw new TypeError(
      `Cannot run the graph as ${name} must be ${
        formatShape(shape)
      } with one ` +
        `batch size: current shape is ` +
        `${fed === undefined ? "missing" : formatShape(fed)}`,
    );
  }
  return batch;
}

/**
 * Puts the batch size in place of a shape's free dimension.
 *
 * @throws {TypeError} If no input gave the batch size.
 */
export function resolveShape(
  shape: Shape,
  batch: number | undefined,
): number[] {
  return shape.map((size) => {
    if (size >= 0) return size;
    if (batch !== undefined) return -size * batch;
    throw new TypeError(
      `Cannot make a tensor of ${formatShape(shape)} as an input must have a ` +
        `free dimension`,
    );
  });
}

/**
 * Makes a tensor of a value's element type; the caller disposes of it. It may
 * share the array of numbers.
 */
export function toTensor(
  { type }: Pick<Value, "type">,
  { shape, data }: FedTensor,
): tf.Tensor {
  const dtype = DTYPES[type];
  const array = data instanceof ARRAYS[dtype]
    ? data
    : data instanceof BigInt64Array
    ? Int32Array.from(data, Number)
    : new ARRAYS[dtype](data);
  return tf.tensor(array, [...shape], dtype);
}

/** Reads tensors and disposes of them; the arrays are the caller's own. */
export async function fromTensors(
  tensors: tf.NamedTensorMap,
): Promise<ComputedTensors> {
  try {
    const computed: Record<string, ComputedTensor> = {};
    for (const [name, tensor] of Object.entries(tensors)) {
      const data = await tensor.data<"float32" | "int32" | "bool">();
      // A backend may return the array that it keeps.
      computed[name] = { shape: tensor.shape, data: data.slice() };
    }
    return computed;
  } finally {
    tf.dispose(tensors);
  }
}
