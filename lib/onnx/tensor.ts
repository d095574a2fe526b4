/**
 * Tensors that go into and come out of a session.
 *
 * @module
 */

/** The array type of each element type. */
export interface TensorArrays {
  /** 32-bit floats. */
  float32: Float32Array;
  /** 64-bit floats. */
  float64: Float64Array;
  /** Whole numbers. */
  int64: BigInt64Array;
  /** Bytes. */
  uint8: Uint8Array;
}

/** Element type of a fed or returned tensor. */
export type TensorType = keyof TensorArrays;

/** Numbers with a shape, row-major. */
export type Tensor<T extends TensorType = TensorType> = {
  [K in T]: {
    readonly type: K;
    readonly shape: readonly number[];
    readonly data: TensorArrays[K];
  };
}[T];

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/**
 * The numbers of a returned tensor, which must be float32.
 *
 * @throws {TypeError} If it is missing or of another type.
 */
export function float32(tensors: Tensors, name: string): Float32Array {
  const tensor = tensors[name];
  if (tensor?.type !== "float32") {
    throw new TypeError(
      `Cannot read ${name} as it must be a float32 tensor: current type is ` +
        `${tensor?.type}`,
    );
  }
  return tensor.data;
}
