/**
 * What a file of good images says of them, whatever the method.
 *
 * @module
 */
import { BANKS_FORMAT } from "./bank_file.ts";
import { keptPatches, type LearnedImage, seenPatches } from "./memory.ts";
import { decodeMemory } from "./memory_file.ts";
import { formatOf, imagesOf, memoryHeader } from "./memory_tensors.ts";

/** Good images in a file. */
export interface StoredImages {
  /** The good images. */
  readonly images: readonly LearnedImage[];
  /** How many patches, or other features, they had. */
  readonly patches: number;
  /** How many of them are kept. */
  readonly kept: number;
}

/**
 * Reads which good images a file was made of.
 *
 * @param bytes A memory, or banks.
 * @param path What errors call it.
 * @throws {ModelError} If it is another file, or damaged.
 */
export function storedImages(bytes: Uint8Array, path: string): StoredImages {
  if (isBanks(bytes, path)) {
    const file = memoryHeader(bytes, { path, format: BANKS_FORMAT });
    const rows = [...file.tensors.values()]
      .reduce((sum, { shape }) => sum + shape[0]!, 0);
    return { images: imagesOf(file), patches: rows, kept: rows };
  }
  const { memory } = decodeMemory(bytes, path);
  return {
    images: memory.images,
    patches: seenPatches(memory),
    kept: keptPatches(memory),
  };
}

/** Whether a file holds banks of a method, and no memory of patches. */
function isBanks(bytes: Uint8Array, path: string): boolean {
  return formatOf(bytes, path) === BANKS_FORMAT;
}
