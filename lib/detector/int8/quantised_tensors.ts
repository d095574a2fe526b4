/**
 * The quantised matrices of a model, made once and kept in the cache.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { ModelError } from "../../checkpoint/model_error.ts";
import { withLock } from "../../files/lock.ts";
import { exactIntegers } from "../../onnx/int8_support.ts";
import type { IntegerType } from "../../onnx/integers.ts";
import type { ModelDirectory } from "../../methods/model_directory.ts";
import { hasQuantisedLayers } from "./model_groups.ts";
import { observeModel } from "./observe_model.ts";
import {
  openQuantised,
  type StoredTensors,
  writeQuantised,
} from "./quantised_file.ts";

/** Changes whenever the same model would be quantised otherwise. */
const VERSION = 3;

/** Bytes at both ends of a tensor that tell it from others. */
const ENDS = 4096;

/** Options of {@linkcode quantisedTensors}. */
export interface QuantisedOptions {
  /** The cache; the file lies in its folder int8/. */
  readonly cacheFolder: string | undefined;
  /** Threads with which the model is shown images. */
  readonly threads: number;
  /** Called before the matrices are made. */
  readonly onMake?: () => void;
}

async function readAt(
  file: Deno.FsFile,
  offset: number,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  await file.seek(offset, Deno.SeekMode.Start);
  const count = await file.read(bytes) ?? 0;
  return bytes.subarray(0, count);
}

/**
 * Tells models apart by names, shapes and both ends of every tensor: a copy of
 * the model elsewhere is the same, and no gigabytes are read for it.
 */
async function keyOf(
  { weights, architecture: { method, choices } }: ModelDirectory,
  type: IntegerType,
): Promise<string> {
  const hash = createHash("sha256");
  const unlike = type === "int8" ? [] : [type];
  hash.update(JSON.stringify([VERSION, method.name, choices, ...unlike]));
  const entries = [...weights].toSorted(([a], [b]) => a < b ? -1 : 1);
  const files = new Map<string, Deno.FsFile>();
  try {
    for (const [name, entry] of entries) {
      const { dtype, shape, transposed, offset, byteLength } = entry;
      const file = files.get(entry.file) ?? await Deno.open(entry.file);
      files.set(entry.file, file);
      hash.update(JSON.stringify([name, dtype, shape, transposed]));
      const length = Math.min(ENDS, byteLength);
      for (const start of [offset, offset + byteLength - length]) {
        hash.update(await readAt(file, start, new Uint8Array(length)));
      }
    }
  } finally {
    for (const file of files.values()) file.close();
  }
  return hash.digest("hex").slice(0, 32);
}

async function make(
  model: ModelDirectory,
  type: IntegerType,
  path: string,
  { threads, onMake }: QuantisedOptions,
): Promise<StoredTensors> {
  const earlier = await openQuantised(path);
  if (earlier !== undefined) return earlier;
  onMake?.();
  const { weights } = model;
  await writeQuantised(path, await observeModel(model, threads), {
    weights,
    type,
  });
  const made = await openQuantised(path);
  if (made !== undefined) return made;
  cannotLoad(model.path, `its quantised copy ${path} cannot be read back`);
}

async function integersFor({ path }: ModelDirectory): Promise<IntegerType> {
  const type = await exactIntegers();
  if (type !== undefined) return type;
  throw new ModelError(
    `Cannot run ${path} in int8 as the processor must add products of 8-bit ` +
      `integers without loss`,
  );
}

/**
 * The quantised matrices of a model. They are made once, by one process at a
 * time; a damaged file is made anew.
 *
 * @returns Where they lie, by the names that `quantisedNames` gives; nothing of
 * a model whose layers are all too narrow.
 * @throws {ModelError} If there is no cache, the processor does not add products
 * of integers without loss, or they cannot be made.
 */
export async function quantisedTensors(
  model: ModelDirectory,
  options: QuantisedOptions,
): Promise<StoredTensors> {
  const { cacheFolder } = options;
  if (!hasQuantisedLayers(model.weights)) return new Map();
  if (cacheFolder === undefined) {
    throw new ModelError(
      `Cannot run ${model.path} in int8 as there must be a cache folder for ` +
        `its quantised matrices`,
    );
  }
  const type = await integersFor(model);
  const folder = join(cacheFolder, "int8");
  const path = join(folder, `${await keyOf(model, type)}.safetensors`);
  const kept = await openQuantised(path);
  if (kept !== undefined) return kept;
  try {
    await Deno.mkdir(folder, { recursive: true });
    return await withLock(
      `${path}.lock`,
      () => make(model, type, path, options),
    );
  } catch (error) {
    if (error instanceof ModelError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    cannotLoad(
      model.path,
      `its quantised copy ${path} cannot be written: ${reason}`,
    );
  }
}
