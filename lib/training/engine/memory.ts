/**
 * Estimates whether a backward pass fits into memory.
 *
 * @module
 */

/** Memory needs of training, in bytes. */
export interface MemoryNeeds {
  /** Values of the forward pass that the backward pass reads, for a batch. */
  readonly tape: number;
  /** The stored tensors of the model, mapped from their files. */
  readonly weights: number;
  /** The trained tensors. */
  readonly trained: number;
}

/** The process itself, without a model. */
const BASE_BYTES = 2 ** 29;

/** Size of the arena of onnxruntime, relative to the tape. */
const ARENA = 1.3;

/**
 * Copies of the trained tensors: the tensors, two in the optimiser, one sent to
 * the engine, and two of the gradients that it sends back.
 */
const COPIES = 6;

/**
 * Whether all that the backward pass reads fits into memory.
 *
 * @param available Bytes that may be used.
 */
export function fitsMemory(
  { tape, weights, trained }: MemoryNeeds,
  available: number,
): boolean {
  const needed = tape * ARENA + weights + trained * COPIES + BASE_BYTES;
  return needed <= available;
}
