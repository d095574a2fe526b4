/**
 * Makes every tensor of a model one that a runtime can use where it lies.
 *
 * Tensors of PyTorch's archives lie uncompressed in the file and mostly row
 * by row: they are used in place, as those of safetensors are, and cost
 * neither time nor disk. Only those that lie otherwise are copied, once.
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";
import { convertCheckpoint } from "./convert_checkpoint.ts";
import { ModelError } from "./model_error.ts";
import { openSafetensors } from "./safetensors.ts";
import { isRowMajor } from "./strides.ts";
import type { WeightEntry } from "./weights.ts";

/** Options of {@linkcode rowMajorWeights}. */
export interface RowMajorOptions {
  /** The path that error messages name. */
  readonly path: string;
  /** Where copies are kept; without it, tensors that need one are an error. */
  readonly copiesFolder: string | undefined;
}

type Entries = ReadonlyMap<string, WeightEntry>;

/** A matrix that lies column by column is the transpose of one by rows. */
function turned(entry: WeightEntry): WeightEntry {
  const { strides, ...stored } = entry;
  const shape = entry.shape.toReversed();
  const isTurned = strides?.length === 2 &&
    isRowMajor(shape, strides.toReversed());
  return isTurned ? { ...stored, shape, transposed: !entry.transposed } : entry;
}

/** A name for the copy that changes whenever the tensors may have. */
async function keyOf(strided: Entries): Promise<string> {
  const parts: unknown[] = [];
  for (const [name, entry] of strided) {
    const { size, mtime } = await Deno.stat(entry.file);
    const file = await Deno.realPath(entry.file);
    parts.push([name, { ...entry, file }, size, mtime?.getTime() ?? 0]);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex().slice(0, 32);
}

/** Opens a copy if there is one and it is whole. */
async function openCopy(
  path: string,
  strided: Entries,
): Promise<Entries | undefined> {
  try {
    const { tensors } = await openSafetensors(path);
    return [...strided.keys()].every((name) => tensors.has(name))
      ? tensors
      : undefined;
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

async function makeCopy(
  path: string,
  options: { readonly folder: string; readonly strided: Entries },
): Promise<Entries> {
  const { folder, strided } = options;
  const file = `${folder}/${await keyOf(strided)}.safetensors`;
  const copy = await openCopy(file, strided);
  if (copy !== undefined) return copy;
  try {
    await Deno.mkdir(folder, { recursive: true });
    await convertCheckpoint(file, strided);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    cannotLoad(path, `its copy ${file} cannot be written: ${reason}`);
  }
  return (await openSafetensors(file)).tensors;
}

/**
 * Makes every tensor lie row by row. Matrices that lie column by column are
 * marked as transposed. Other tensors are copied into a safetensors file in
 * `copiesFolder`, once. Processes that copy at the same time write the same
 * file, each as a whole.
 *
 * @param tensors Tensors that a model needs.
 * @returns The same tensors, none of them with strides.
 * @throws {ModelError} If a copy is needed and cannot be made.
 */
export async function rowMajorWeights(
  tensors: ReadonlyMap<string, WeightEntry>,
  { path, copiesFolder }: RowMajorOptions,
): Promise<ReadonlyMap<string, WeightEntry>> {
  const entries = new Map(
    [...tensors].map(([name, entry]) => [name, turned(entry)]),
  );
  const strided = new Map(
    [...entries].filter(([, entry]) => entry.strides !== undefined),
  );
  const [first] = strided.keys();
  if (first === undefined) return entries;
  if (copiesFolder === undefined) {
    cannotLoad(
      path,
      `tensor ${first} does not lie row by row and there is no cache folder ` +
        "to copy it to",
    );
  }
  const copies = await makeCopy(path, { folder: copiesFolder, strided });
  for (const [name, { transposed }] of strided) {
    entries.set(name, { ...copies.get(name)!, transposed });
  }
  return entries;
}
