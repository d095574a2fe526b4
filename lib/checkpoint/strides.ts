/**
 * Tensors whose elements do not lie row by row.
 *
 * @module
 */
import { BITS, type WeightEntry } from "./weights.ts";

/** How many elements a shape has. */
export function elementsOf(shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((product, size) => product * size, 1);
}

/** Elements between neighbours along each dimension, stored row by row. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape.toReversed()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}

/** Whether elements so far apart lie row by row; one element always does. */
export function isRowMajor(
  shape: readonly number[],
  strides: readonly number[],
): boolean {
  const wanted = rowMajorStrides(shape);
  return elementsOf(shape) === 0 ||
    shape.every((size, i) => size === 1 || strides[i] === wanted[i]);
}

/** Elements from the first to the last one, both included. */
export function spanOf(
  shape: readonly number[],
  strides: readonly number[],
): number {
  if (elementsOf(shape) === 0) return 0;
  return shape.reduce((last, size, i) => last + (size - 1) * strides[i]!, 1);
}

/** Some rows of a tensor, along its first dimension. */
export function rowsOf(
  entry: WeightEntry,
  { start, count }: { readonly start: number; readonly count: number },
): WeightEntry {
  const shape = [count, ...entry.shape.slice(1)];
  const strides = entry.strides ?? rowMajorStrides(entry.shape);
  const bytes = BITS[entry.dtype] / 8;
  return {
    ...entry,
    shape,
    offset: entry.offset + start * strides[0]! * bytes,
    byteLength: spanOf(shape, strides) * bytes,
  };
}
