/**
 * Size and hash of a file on disk.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { isMissing, statIfThere } from "../files/is_there.ts";
import type { Measured } from "./transfer/expectation.ts";

/** Options of {@linkcode measureFile}. */
export interface MeasureOptions {
  /** Stops the reading. */
  readonly signal?: AbortSignal;
  /** Called with the bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
}

const READ = 1 << 20;

/**
 * Reads a file for its size and hash.
 */
export async function measureFile(
  path: string,
  { signal, onProgress }: MeasureOptions = {},
): Promise<Measured | undefined> {
  const hash = createHash("sha256");
  let size = 0;
  try {
    using file = await Deno.open(path);
    const buffer = new Uint8Array(READ);
    for (let count; (count = await file.read(buffer)) !== null;) {
      signal?.throwIfAborted();
      hash.update(buffer.subarray(0, count));
      size += count;
      onProgress?.(size);
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return { size, sha256: hash.digest("hex") };
}

/**
 * Asks for the size of a file.
 *
 * @returns Its bytes, or undefined where there is no such file.
 */
export async function sizeOf(path: string): Promise<number | undefined> {
  const file = await statIfThere(path);
  return file?.isFile ? file.size : undefined;
}
