/**
 * Integers that matrices are stored as.
 *
 * @module
 */

/**
 * How the integers of matrices are stored: from -127 to 127, or 128 more. Without
 * VNNI, or a like of it, onnxruntime adds pairs of products of the first kind in
 * 16 bits, which are too few; the second kind is right everywhere, and slower
 * where there is VNNI.
 */
export type IntegerType = "int8" | "uint8";

/** What is added to the integers of a matrix. */
export const ZERO_POINT = { int8: 0, uint8: 128 } as const;
