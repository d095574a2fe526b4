/**
 * The precisions that a network runs in.
 *
 * @module
 */

/**
 * Float32, float16, or 8-bit integers in the matrix products of the vision
 * tower's blocks and float32 elsewhere.
 */
export const PRECISIONS = ["f32", "f16", "int8"] as const;

/** One of {@linkcode PRECISIONS}. */
export type NetworkPrecision = (typeof PRECISIONS)[number];

/** The precision of everything that is not quantised. */
export function floatPrecision(
  precision: NetworkPrecision,
): Exclude<NetworkPrecision, "int8"> {
  return precision === "int8" ? "f32" : precision;
}
