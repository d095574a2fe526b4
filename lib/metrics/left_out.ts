/**
 * The value of pixels that do not count.
 *
 * @module
 */

/**
 * The logit of a pixel that does not count, such as one outside a region of
 * interest: the lowest number of float16. No model gives it, as logarithms of
 * probabilities end near -70.
 */
export const LEFT_OUT = -65504;

/** The bits of {@linkcode LEFT_OUT} as float16. */
export const LEFT_OUT_BITS = 0xfbff;

/** Whether a map has pixels that do not count. */
export function hasLeftOut(logits: Float32Array | Float16Array): boolean {
  return logits.includes(LEFT_OUT);
}

/** The values of a map that count; the map itself where all do. */
export function countedValues(logits: Float32Array): Float32Array {
  return hasLeftOut(logits)
    ? logits.filter((logit) => logit !== LEFT_OUT)
    : logits;
}

/**
 * A threshold that no pixel reaches which does not count, also between it and
 * one that does.
 */
export function leastCounted(threshold: number): number {
  return Math.max(threshold, LEFT_OUT / 2);
}
