/**
 * Writes archives such as torch.save writes, around any tensors or pickle.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import {
  openSafetensors,
  readWeight,
} from "../../lib/checkpoint/safetensors.ts";
import { rowMajorStrides } from "../../lib/checkpoint/strides.ts";

const encoder = new TextEncoder();

function bytesOf(...parts: readonly (number | string | Uint8Array)[]) {
  return new Uint8Array(parts.flatMap((part) => {
    if (typeof part === "number") return [part];
    return [...typeof part === "string" ? encoder.encode(part) : part];
  }));
}

function numbers(...fields: readonly (readonly [2 | 4, number])[]): Uint8Array {
  return bytesOf(...fields.map(([size, value]) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return bytes.subarray(0, size);
  }));
}

/** What a zip says of an entry in both of its headers. */
function description(name: string, data: Uint8Array): Uint8Array {
  return numbers(
    [2, 0],
    [2, 0],
    [4, 0],
    [4, crc32(data)],
    [4, data.length],
    [4, data.length],
    [2, encoder.encode(name).length],
    [2, 0],
  );
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

/** Writes a zip archive whose entries are stored as they are. */
export function storedZip(
  entries: readonly (readonly [string, Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, data] of entries) {
    const about = description(name, data);
    const header = bytesOf("PK\x03\x04", ...numbers([2, 0]), about, name);
    directory.push(bytesOf(
      "PK\x01\x02",
      ...numbers([2, 0], [2, 0]),
      about,
      ...numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
      name,
    ));
    files.push(header, data);
    offset += header.length + data.length;
  }
  const listed = concat(directory);
  const { length } = entries;
  const end = bytesOf(
    "PK\x05\x06",
    ...numbers([2, 0], [2, 0], [2, length], [2, length]),
    ...numbers([4, listed.length], [4, offset], [2, 0]),
  );
  return concat([...files, listed, end]);
}

/** Writes an archive of torch.save around a pickle. */
export function pytorchArchive(
  pickle: Uint8Array,
  others: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries({ "data.pkl": pickle, ...others });
  return storedZip(
    entries.map(([name, data]) => [`archive/${name}`, data] as const),
  );
}

function text(value: string): Uint8Array {
  const bytes = encoder.encode(value);
  return bytesOf("X", numbers([4, bytes.length]), bytes);
}

function integers(values: readonly number[]): Uint8Array {
  return bytesOf(
    "(",
    ...values.map((value) => bytesOf("J", numbers([4, value]))),
    "t",
  );
}

/** A float32 tensor to be written. */
export interface TorchTensor {
  /** Elements in the order they are stored. */
  readonly data: Float32Array;
  /** Shape. */
  readonly shape: readonly number[];
  /** Elements between neighbours along each dimension. */
  readonly strides: readonly number[];
}

function pickledTensor(key: string, tensor: TorchTensor): Uint8Array {
  const { data, shape, strides } = tensor;
  return bytesOf(
    "ctorch._utils\n_rebuild_tensor_v2\n((",
    text("storage"),
    "ctorch\nFloatStorage\n",
    text(key),
    text("cpu"),
    "J",
    numbers([4, data.length]),
    "tQK",
    0,
    integers(shape),
    integers(strides),
    0x89,
    "ccollections\nOrderedDict\n)RtR",
  );
}

/** Tensors by name, or dicts of them. */
export interface TorchDict {
  readonly [name: string]: TorchTensor | TorchDict;
}

function isTensor(value: TorchTensor | TorchDict): value is TorchTensor {
  return value.data instanceof Float32Array;
}

/** Writes a dict, with the storages of its tensors. */
function pickledDict(
  dict: TorchDict,
  storages: Map<string, Uint8Array>,
): Uint8Array {
  const entries = Object.entries(dict).map(([name, value]) => {
    if (!isTensor(value)) {
      return concat([text(name), pickledDict(value, storages)]);
    }
    const key = `${storages.size}`;
    storages.set(`data/${key}`, new Uint8Array(value.data.buffer));
    return concat([text(name), pickledTensor(key, value)]);
  });
  return concat([bytesOf("}("), ...entries, bytesOf("u")]);
}

/** Writes a state dict of float32 tensors, or dicts that hold one. */
export function torchSave(dict: TorchDict): Uint8Array<ArrayBuffer> {
  const storages = new Map<string, Uint8Array>();
  const inner = pickledDict(dict, storages);
  const pickle = concat([bytesOf(0x80, 2), inner, bytesOf(".")]);
  return pytorchArchive(pickle, {
    version: encoder.encode("3\n"),
    ...Object.fromEntries(storages),
  });
}

/** The same tensor, stored with its dimensions in another order. */
function reordered(
  { data, shape }: Pick<TorchTensor, "data" | "shape">,
  order: readonly number[],
): TorchTensor {
  const strides = rowMajorStrides(shape);
  const inner = rowMajorStrides(order.map((d) => shape[d]!));
  const moved = shape.map((_, d) => inner[order.indexOf(d)]!);
  const stored = new Float32Array(data.length);
  data.forEach((value, i) => {
    const at = shape.reduce(
      (sum, size, d) => sum + (Math.floor(i / strides[d]!) % size) * moved[d]!,
      0,
    );
    stored[at] = value;
  });
  return { data: stored, shape, strides: moved };
}

/**
 * Writes the tensors of a safetensors file as torch.save does.
 *
 * @param orders Name -> the order in which dimensions are stored, outermost
 * first, where it is not row by row.
 */
export async function torchCopy(
  source: string,
  options: {
    readonly target: string;
    readonly orders?: Readonly<Record<string, readonly number[]>>;
  },
): Promise<void> {
  const { target, orders = {} } = options;
  const tensors: Record<string, TorchTensor> = {};
  for (const [name, entry] of (await openSafetensors(source)).tensors) {
    const { shape } = entry;
    if (entry.dtype === "I64") continue;
    const data = await readWeight(entry);
    tensors[name] = reordered(
      { data, shape },
      orders[name] ?? shape.keys().toArray(),
    );
  }
  await Deno.writeFile(target, torchSave(tensors));
}
