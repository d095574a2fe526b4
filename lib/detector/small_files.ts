/**
 * The checkpoint files of a small model, in memory.
 *
 * @module
 */
import { weightBytes, type WeightEntry } from "../checkpoint/weights.ts";

/**
 * Bytes up to which a network holds its own weights: onnxruntime loads hundreds
 * of small tensors from files slower than with the network.
 */
const SMALL = 2 ** 24;

/**
 * Reads the files of weights, unless they are large.
 *
 * @param weights The tensors of a model.
 * @returns Path of each file -> its bytes; none where the files are large.
 */
export async function smallFiles(
  weights: ReadonlyMap<string, WeightEntry>,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  if (weightBytes(weights) > SMALL) return new Map();
  const entries = [...weights.values()];
  const paths = [...new Set(entries.map(({ file }) => file))];
  const sizes = await Promise.all(paths.map((path) => Deno.stat(path)));
  if (sizes.some(({ size }) => size > SMALL)) return new Map();
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path, await Deno.readFile(path)] as const),
    ),
  );
}
