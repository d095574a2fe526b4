/**
 * Whether a backward pass fits into memory.
 *
 * @module
 */

/**
 * What a step takes beside its tape, and what must stay free: weights are
 * mapped from their files and count as long as they are used.
 */
const RESERVE_BYTES = 2 * 2 ** 30;

/** How much more than the bare tape onnxruntime's arena holds. */
const OVERHEAD = 1.3;

/**
 * Whether everything that a backward pass reads can be kept.
 *
 * @param tapeBytes Bytes that are kept for a whole batch.
 * @param availableBytes Bytes that may be used.
 */
export function fitsMemory(tapeBytes: number, availableBytes: number): boolean {
  return tapeBytes * OVERHEAD + RESERVE_BYTES <= availableBytes;
}
