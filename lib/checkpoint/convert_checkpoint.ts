/**
 * Writes the tensors of any checkpoint as one safetensors file.
 *
 * @module
 */
import { readBytes } from "./strided_bytes.ts";
import { elementsOf } from "./strides.ts";
import { BITS, type WeightEntry } from "./weights.ts";
import { writeAll, writeWhole } from "../files/whole_file.ts";
import { safetensorsHeader } from "./write_safetensors.ts";

/** Options of {@linkcode convertCheckpoint}. */
export interface ConvertOptions {
  /** Strings to store in the header. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes tensors as a safetensors file: row by row, types and names as they
 * are, the same bytes for the same tensors. No more than a few pieces of a
 * tensor are in memory at once. The file appears under its name only when it
 * is complete.
 *
 * @param path Path of the file; an existing one is replaced.
 * @param tensors Name -> where the tensor lies.
 * @throws {ModelError} If a tensor cannot be read.
 */
export async function convertCheckpoint(
  path: string,
  tensors: ReadonlyMap<string, WeightEntry>,
  options: ConvertOptions = {},
): Promise<void> {
  const ordered = [...tensors].toSorted(([a, x], [b, y]) =>
    BITS[y.dtype] - BITS[x.dtype] || (a < b ? -1 : 1)
  );
  const entries = ordered.map(([name, { dtype, shape }]) => {
    const byteLength = elementsOf(shape) * BITS[dtype] / 8;
    return [name, { dtype, shape, byteLength }] as const;
  });
  await writeWhole(path, async (file) => {
    await writeAll(file, safetensorsHeader(entries, options.metadata));
    for (const [, entry] of ordered) {
      for await (const piece of readBytes(entry)) await writeAll(file, piece);
    }
  });
}
