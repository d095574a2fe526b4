/**
 * Writes safetensors files.
 *
 * @module
 */
import { encodeFloats, type FloatDtype } from "./float_types.ts";
import type { Dtype } from "./weights.ts";
import { writeAll, writeWhole } from "../files/whole_file.ts";

/** One tensor to be written. */
export interface TensorData {
  /** Type in the file. */
  readonly dtype: FloatDtype;
  /** Shape; its product is the number of elements. */
  readonly shape: readonly number[];
  /** Elements, row by row; rounded to the type on the way. */
  readonly data: Float32Array;
}

const BYTES: Record<FloatDtype, number> = { F32: 4, F16: 2, BF16: 2 };

function headerEntry({ dtype, shape, data }: TensorData): HeaderEntry {
  return { dtype, shape, byteLength: data.length * BYTES[dtype] };
}

function checkShape(name: string, { shape, data }: TensorData): void {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements !== data.length) {
    throw new TypeError(
      `Cannot write tensor ${name} as [${shape}] must have ${elements} ` +
        `elements: current value is ${data.length}`,
    );
  }
}

/** A tensor as the header describes it. */
export interface HeaderEntry {
  /** Type in the file. */
  readonly dtype: Dtype;
  /** Shape. */
  readonly shape: readonly number[];
  /** Bytes in the file. */
  readonly byteLength: number;
}

/**
 * The first bytes of a safetensors file, up to the data.
 *
 * @param tensors Names and tensors, in the order of their data.
 * @param metadata Strings to store, if any.
 */
export function safetensorsHeader(
  tensors: readonly (readonly [string, HeaderEntry])[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = [];
  if (metadata !== undefined) entries.push(["__metadata__", metadata]);
  let end = 0;
  for (const [name, { dtype, shape, byteLength }] of tensors) {
    const begin = end;
    end += byteLength;
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const json = new TextEncoder().encode(
    JSON.stringify(Object.fromEntries(entries)),
  );
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

/**
 * Writes a safetensors file, the same bytes for the same tensors. The file
 * appears under its name only when it is complete.
 *
 * @param path Path of the file; an existing one is replaced.
 * @param options.metadata Strings to store in the header.
 * @throws {TypeError} If a shape does not fit its data.
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, TensorData>>,
  options: { readonly metadata?: Record<string, string> } = {},
): Promise<void> {
  const ordered = Object.entries(tensors).toSorted(([a, x], [b, y]) =>
    BYTES[y.dtype] - BYTES[x.dtype] || (a < b ? -1 : 1)
  );
  for (const [name, tensor] of ordered) checkShape(name, tensor);
  await writeWhole(path, async (file) => {
    const entries = ordered.map(([name, tensor]) =>
      [name, headerEntry(tensor)] as const
    );
    await writeAll(file, safetensorsHeader(entries, options.metadata));
    for (const [, { data, dtype }] of ordered) {
      await writeAll(file, encodeFloats(data, dtype));
    }
  });
}
