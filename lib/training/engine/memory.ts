/**
 * Whether a backward pass fits into memory.
 *
 * @module
 */

/** What takes memory in training, in bytes. */
export interface MemoryNeeds {
  /** What the backward pass reads of the forward pass, for a whole batch. */
  readonly tape: number;
  /** The model's stored tensors, which are mapped from their files. */
  readonly weights: number;
  /** The trained tensors. */
  readonly trained: number;
}

/** The process itself, without a model. */
const BASE_BYTES = 2 ** 29;

/** How much more than the bare tape onnxruntime's arena holds. */
const ARENA = 1.3;

/**
 * Copies of the trained tensors: they themselves, two in the optimiser, one
 * on its way to the engine and two of gradients on their way back.
 */
const COPIES = 6;

/**
 * Whether everything that a backward pass reads can be kept.
 *
 * @param needs What takes memory.
 * @param available Bytes that may be used.
 */
export function fitsMemory(
  { tape, weights, trained }: MemoryNeeds,
  available: number,
): boolean {
  const needed = tape * ARENA + weights + trained * COPIES + BASE_BYTES;
  return needed <= available;
}
