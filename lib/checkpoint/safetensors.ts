/**
 * Reads safetensors files: the header when opened, tensors when asked for.
 *
 * @see {@link https://github.com/huggingface/safetensors#format}
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";
import { decodeFloats, isFloatDtype } from "./float_types.ts";
import { parseHeader, type SafetensorsFile } from "./safetensors_header.ts";
import type { WeightEntry, Weights } from "./weights.ts";

/** Bound of the header that the format's own library sets. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Opens a file to read, with a missing or unreadable file reported as a
 * ModelError.
 */
async function openForReading(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      cannotLoad(path, "there is no such file");
    }
    const reason = error instanceof Error ? error.message : String(error);
    cannotLoad(path, `it cannot be opened: ${reason}`);
  }
}

async function readRange(
  file: Deno.FsFile,
  range: { path: string; offset: number; byteLength: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(range.byteLength);
  await file.seek(range.offset, Deno.SeekMode.Start);
  for (let filled = 0; filled < bytes.length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) {
      cannotLoad(range.path, "the file ends before its data does");
    }
    filled += count;
  }
  return bytes;
}

/**
 * Opens a safetensors file. Only the header is read.
 *
 * @param path Path of the file.
 * @throws {ModelError} If the file is missing, truncated or not as the format
 * prescribes.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  using file = await openForReading(path);
  const { isFile, size } = await file.stat();
  if (!isFile) cannotLoad(path, "it is not a file");
  if (size < 8) {
    cannotLoad(
      path,
      `the file is truncated: it has ${size} bytes and no header`,
    );
  }
  const prefix = await readRange(file, { path, offset: 0, byteLength: 8 });
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    cannotLoad(
      path,
      `its header must have at most ${MAX_HEADER_BYTES} bytes: ` +
        `current value is ${length}`,
    );
  }
  const dataOffset = 8 + Number(length);
  if (size < dataOffset) {
    cannotLoad(
      path,
      `the file is truncated: its header ends at byte ${dataOffset} ` +
        `and the file at ${size}`,
    );
  }
  const json = await readRange(file, {
    path,
    offset: 8,
    byteLength: Number(length),
  });
  return parseHeader(json, { path, size });
}

/**
 * Reads one tensor as float32, in the order it is stored, whether or not the
 * entry is marked as transposed.
 *
 * @param entry A float tensor of an opened file.
 * @returns The elements, row by row.
 * @throws {ModelError} If the file cannot be read or is not float.
 */
export async function readWeight(entry: WeightEntry): Promise<Float32Array> {
  const { dtype, file: path } = entry;
  if (!isFloatDtype(dtype)) {
    cannotLoad(
      path,
      `a tensor must be F32, F16 or BF16: current value is ${dtype}`,
    );
  }
  using file = await openForReading(path);
  const bytes = await readRange(file, { ...entry, path });
  return decodeFloats(bytes.buffer, dtype);
}

/**
 * Reads one tensor of a file as float32.
 *
 * @param file An opened file.
 * @param name Name of a float tensor.
 * @returns The elements, row by row.
 * @throws {ModelError} If there is no such tensor, or it is not float.
 */
export async function readTensor(
  file: Weights,
  name: string,
): Promise<Float32Array> {
  const entry = file.tensors.get(name);
  if (entry === undefined) cannotLoad(file.path, `tensor ${name} is missing`);
  return await readWeight(entry);
}
