/**
 * Reads safetensors files: the header when opened, tensors when asked for.
 *
 * @see {@link https://github.com/huggingface/safetensors#format}
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";
import { decodeFloats, isFloatDtype } from "./float_types.ts";
import { ModelFile } from "./model_file.ts";
import { parseHeader, type SafetensorsFile } from "./safetensors_header.ts";
import { readBytes } from "./strided_bytes.ts";
import { elementsOf } from "./strides.ts";
import { BITS, type WeightEntry, type Weights } from "./weights.ts";

/** Bound of the header that the format's own library sets. */
const MAX_HEADER_BYTES = 100_000_000;

/** The first eight bytes of a Git LFS pointer, which are no size of a header. */
const GIT_LFS_START = "version ";

/**
 * Opens a safetensors file. Only the header is read.
 *
 * @throws {ModelError} If the file is missing, truncated or not as the format
 * prescribes.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  using file = await ModelFile.open(path);
  const { size } = file;
  if (size < 8) {
    cannotLoad(
      path,
      `the file is truncated: it has ${size} bytes and no header`,
    );
  }
  const prefix = await file.read({ start: 0, end: 8 });
  if (new TextDecoder("latin1").decode(prefix) === GIT_LFS_START) {
    cannotLoad(
      path,
      "it is a Git LFS pointer and not the file itself, which git lfs pull fetches",
    );
  }
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
  const json = await file.read({ start: 8, end: dataOffset });
  return parseHeader(json, { path, size });
}

/**
 * Reads one tensor as float32, row by row, whether or not the entry is marked
 * as transposed.
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
  return decodeFloats(await bytesOf(entry), dtype);
}

/**
 * Reads one tensor of whole numbers, such as token ids.
 *
 * @param entry An I32 or I64 tensor of an opened file.
 * @returns The elements, row by row.
 * @throws {ModelError} If the file cannot be read or has another type.
 */
export async function readIntegers(entry: WeightEntry): Promise<number[]> {
  const { dtype, file: path } = entry;
  if (dtype === "I32") return [...new Int32Array(await bytesOf(entry))];
  if (dtype === "I64") {
    return [...new BigInt64Array(await bytesOf(entry))].map(Number);
  }
  cannotLoad(path, `a tensor must be I32 or I64: current value is ${dtype}`);
}

/** The elements of a tensor, row by row. */
async function bytesOf(entry: WeightEntry): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(elementsOf(entry.shape) * BITS[entry.dtype] / 8);
  let filled = 0;
  for await (const piece of readBytes(entry)) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes.buffer;
}

/**
 * Reads one tensor of a file as float32.
 *
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
