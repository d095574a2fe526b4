/**
 * Where the tensors of a model lie on disk.
 *
 * @module
 */

/** Bits per element of every type the format knows. */
export const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

/** Element type of a stored tensor, spelt as in the file. */
export type Dtype = keyof typeof BITS;

/** Where one tensor lies in its file. */
export interface TensorEntry {
  /** Element type. */
  readonly dtype: Dtype;
  /** Shape as stored. */
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly byteLength: number;
}

/** A tensor that a model uses: a range of a file and how to read it. */
export interface WeightEntry extends TensorEntry {
  /** Path of the file. */
  readonly file: string;
  /** True where the model's matrix is the transpose of the stored one. */
  readonly transposed: boolean;
  /**
   * Elements between neighbours along each dimension, where they do not lie
   * row by row. The bytes then are those from the first element to the last.
   */
  readonly strides?: readonly number[];
}

/** Named tensors, and the file that error messages name. */
export interface Weights {
  /** Path of the file. */
  readonly path: string;
  /** Name -> where the tensor lies. */
  readonly tensors: ReadonlyMap<string, WeightEntry>;
}

/** Bytes of tensors together. */
export function weightBytes(weights: ReadonlyMap<string, TensorEntry>): number {
  let bytes = 0;
  for (const { byteLength } of weights.values()) bytes += byteLength;
  return bytes;
}
