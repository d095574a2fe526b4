/**
 * Shapes with one free dimension, the batch.
 *
 * A dimension is a whole number. A positive one is a size; a negative one,
 * `-k`, is `k` times the batch size, which is free until a graph runs. So
 * `[-1, 3, 518, 518]` is a batch of images and `[-2, 77, 768]` holds two
 * sentences for each.
 *
 * @module
 */

/** Dimensions, outermost first. */
export type Shape = readonly number[];

/** The free dimension: the number of images that a run is given. */
export const BATCH = -1;

/** Formats a shape as `[B, 2B, 77]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.map(formatDimension).join(", ")}]`;
}

/** Formats one dimension: `77`, `B` or `2B`. */
export function formatDimension(dimension: number): string {
  if (dimension >= 0) return String(dimension);
  return dimension === BATCH ? "B" : `${-dimension}B`;
}

/** Whether two shapes are the same, free dimensions included. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** Number of elements; negative (`-k`) when it is `k` times the batch size. */
export function elementCount(shape: Shape): number {
  if (shape.filter((size) => size < 0).length > 1) {
    throw new RangeError(
      `Cannot count the elements of ${formatShape(shape)} as only one ` +
        `dimension may be free`,
    );
  }
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * The shape of an element-wise operation, with NumPy's broadcasting.
 *
 * @throws {TypeError} If the shapes do not broadcast.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new TypeError(
      `Cannot broadcast ${formatShape(a)} with ${formatShape(b)} as their ` +
        `dimensions must be equal or 1`,
    );
  });
}
