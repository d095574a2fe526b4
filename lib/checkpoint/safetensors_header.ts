/**
 * The header of a safetensors file: a JSON object that names every tensor.
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";
import { isJsonObject, type JsonObject } from "./json_file.ts";
import { BITS, type Dtype, type WeightEntry, type Weights } from "./weights.ts";

/** An opened safetensors file; no handle is kept. */
export interface SafetensorsFile extends Weights {
  /** First byte after the header, counted from the start of the file. */
  readonly dataOffset: number;
  /** Strings that the file's writer left in the header. */
  readonly metadata: Readonly<Record<string, string>>;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}

function parseEntry(
  name: string,
  value: unknown,
  file: { path: string; dataOffset: number },
): WeightEntry {
  const { path, dataOffset } = file;
  const { dtype, shape, data_offsets: range } = isJsonObject(value)
    ? value
    : {};
  if (typeof dtype !== "string" || !Object.hasOwn(BITS, dtype)) {
    cannotLoad(
      path,
      `tensor ${name} has no type that safetensors know: ${dtype}`,
    );
  }
  if (!isSizes(shape)) cannotLoad(path, `tensor ${name} has no valid shape`);
  if (!isSizes(range) || range.length !== 2 || range[0]! > range[1]!) {
    cannotLoad(path, `tensor ${name} has no valid data_offsets`);
  }
  const byteLength = range[1]! - range[0]!;
  const elements = shape.reduce((product, size) => product * size, 1);
  const expected = elements * BITS[dtype as Dtype] / 8;
  if (byteLength !== expected) {
    cannotLoad(
      path,
      `tensor ${name} must have ${expected} bytes for ${dtype} ` +
        `[${shape}]: current value is ${byteLength}`,
    );
  }
  return {
    dtype: dtype as Dtype,
    shape,
    offset: dataOffset + range[0]!,
    byteLength,
    file: path,
    transposed: false,
  };
}

function parseObject(json: Uint8Array, path: string): JsonObject {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    cannotLoad(path, "its header is not valid JSON");
  }
  if (!isJsonObject(header)) {
    cannotLoad(path, "its header is not a JSON object");
  }
  return header;
}

/** The strings among the metadata; the format allows nothing else. */
function parseMetadata(
  { __metadata__: metadata }: JsonObject,
): Record<string, string> {
  if (!isJsonObject(metadata)) return {};
  return Object.fromEntries(
    Object.entries(metadata).filter((entry): entry is [string, string] =>
      typeof entry[1] === "string"
    ),
  );
}

function parseTensors(
  header: JsonObject,
  file: { path: string; dataOffset: number },
): Map<string, WeightEntry> {
  const tensors = new Map<string, WeightEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    tensors.set(name, parseEntry(name, value, file));
  }
  return tensors;
}

/** The format allows neither holes nor overlaps, so one pass finds both. */
function checkLayout(file: SafetensorsFile, fileSize: number): void {
  let end = file.dataOffset;
  const ordered = [...file.tensors].toSorted(([, a], [, b]) =>
    a.offset - b.offset || a.byteLength - b.byteLength
  );
  for (const [name, entry] of ordered) {
    if (entry.offset !== end) {
      cannotLoad(
        file.path,
        `tensor ${name} must start at byte ${end}: ` +
          `current value is ${entry.offset}`,
      );
    }
    end += entry.byteLength;
  }
  if (fileSize < end) {
    cannotLoad(
      file.path,
      `the file is truncated: it must have ${end} bytes and has ${fileSize}`,
    );
  }
  if (fileSize > end) {
    cannotLoad(
      file.path,
      `${fileSize - end} bytes follow the last tensor, which ends at ${end}`,
    );
  }
}

/**
 * Parses the header of a safetensors file and checks that it describes the
 * whole file.
 *
 * @param json The header without its length.
 * @param file Path and size in bytes.
 * @throws {ModelError} If the header is not as the format prescribes, or the
 * file is truncated.
 */
export function parseHeader(
  json: Uint8Array,
  file: { readonly path: string; readonly size: number },
): SafetensorsFile {
  const { path, size } = file;
  const dataOffset = 8 + json.length;
  const header = parseObject(json, path);
  const metadata = parseMetadata(header);
  const tensors = parseTensors(header, { path, dataOffset });
  const opened = { path, dataOffset, tensors, metadata };
  checkLayout(opened, size);
  return opened;
}
