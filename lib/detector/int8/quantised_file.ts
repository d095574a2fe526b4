/**
 * The file of a model's quantised matrices.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { ModelError } from "../../checkpoint/model_error.ts";
import { openSafetensors, readWeight } from "../../checkpoint/safetensors.ts";
import type { Dtype, WeightEntry } from "../../checkpoint/weights.ts";
import { safetensorsHeader } from "../../checkpoint/write_safetensors.ts";
import { writeAll, writeWhole } from "../../files/whole_file.ts";
import {
  type QuantisedGroup,
  quantisedNames,
  smoothingName,
} from "../../graph/quantise.ts";
import {
  type ChannelSizes,
  type Matrix,
  quantiseMatrix,
  rowSteps,
  smoothingFactors,
} from "../../onnx/quantise_matrix.ts";
import { samplesOf } from "../../onnx/round_row.ts";
import { type IntegerType, ZERO_POINT } from "../../onnx/integers.ts";
import type { ObservedInputs, ObservedModel } from "./observe_model.ts";

/** Tensors by name. */
export type StoredTensors = ReadonlyMap<string, WeightEntry>;

/** What takes the place of the hash until the data are written. */
const NO_HASH = "0".repeat(64);

/** Bytes that are hashed at once. */
const PIECE_BYTES = 1 << 22;

interface Planned {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly make: () => Promise<ArrayBufferView<ArrayBuffer>>;
}

async function readMatrix(entry: WeightEntry): Promise<Matrix> {
  const data = await readWeight(entry);
  const [rows, columns] = entry.shape as readonly [number, number];
  if (!entry.transposed) return { data, rows, columns };
  const turned = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      turned[j * rows + i] = data[i * columns + j]!;
    }
  }
  return { data: turned, rows: columns, columns: rows };
}

function planned(
  name: string,
  dtype: "F32" | "I8" | "U8",
  shape: readonly number[],
  make: Planned["make"],
): Planned {
  const elements = shape.reduce((product, size) => product * size, 1);
  const byteLength = elements * (dtype === "F32" ? 4 : 1);
  return { name, dtype, shape, byteLength, make };
}

interface Scales {
  readonly factors: Float32Array<ArrayBuffer> | undefined;
  readonly steps: readonly Float32Array<ArrayBuffer>[];
}

/** Apart from what is kept, so that the matrices are not. */
async function scalesOf(
  entries: readonly WeightEntry[],
  sizes: ChannelSizes,
): Promise<Scales> {
  const matrices = await Promise.all(entries.map(readMatrix));
  const factors = smoothingFactors(sizes, matrices);
  return {
    factors,
    steps: matrices.map((matrix) => rowSteps(matrix, factors)),
  };
}

/** The integers as bytes around 128. */
function raised(integers: Int8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(integers, (integer) => integer + ZERO_POINT.uint8);
}

/** What is quantised, and into which integers. */
export interface Originals {
  /** Where the model's tensors lie. */
  readonly weights: StoredTensors;
  /** The integers that the processor takes. */
  readonly type: IntegerType;
}

const DTYPE = { int8: "I8", uint8: "U8" } as const;

/** The tensors of a group, made when they are written. */
async function planGroup(
  group: QuantisedGroup,
  inputs: ObservedInputs,
  { weights, type }: Originals,
): Promise<Planned[]> {
  const entries = group.weights.map(({ name }) => weights.get(name)!);
  const { factors, steps } = await scalesOf(entries, inputs);
  const tensors = group.weights.flatMap((weight, i) => {
    const [rows, columns] = weight.shape as readonly [number, number];
    const names = quantisedNames(weight.name);
    const own = steps[i]!;
    const integers = async () => {
      const matrix = await readMatrix(entries[i]!);
      const samples = samplesOf(inputs.vectors, factors);
      const signed = quantiseMatrix(matrix, own, { factors, samples });
      return type === "int8" ? signed : raised(signed);
    };
    return [
      planned(names.steps, "F32", [rows], () => Promise.resolve(own)),
      planned(names.integers, DTYPE[type], [columns, rows], integers),
    ];
  });
  if (factors === undefined) return tensors;
  const name = smoothingName(group);
  const smoothing = planned(
    name,
    "F32",
    [factors.length],
    () => Promise.resolve(factors),
  );
  return [smoothing, ...tensors];
}

/**
 * Quantises the matrices of a model into a file, which appears under its name
 * only when it is complete. Few matrices are in memory at once.
 *
 * @param path The file; its folder must exist.
 * @param observed The layers, and what they read.
 * @param originals The model's tensors, and the integers to write.
 * @throws {DiskError} If the disk cannot hold it.
 */
export async function writeQuantised(
  path: string,
  { groups, inputs }: ObservedModel,
  originals: Originals,
): Promise<void> {
  const tensors: Planned[] = [];
  for (const group of new Set(groups.values())) {
    const seen = inputs.get(group.name)!;
    tensors.push(...await planGroup(group, seen, originals));
  }
  // Floats first, so that they begin at multiples of four bytes.
  const ordered = [
    ...tensors.filter(({ dtype }) => dtype === "F32"),
    ...tensors.filter(({ dtype }) => dtype !== "F32"),
  ];
  const header = (sha256: string) =>
    safetensorsHeader(
      ordered.map((tensor) => [tensor.name, tensor] as const),
      { sha256 },
    );
  await writeWhole(path, async (file) => {
    const hash = createHash("sha256");
    await writeAll(file, header(NO_HASH));
    for (const { make } of ordered) {
      const { buffer, byteOffset, byteLength } = await make();
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      hash.update(bytes);
      await writeAll(file, bytes);
    }
    await file.seek(0, Deno.SeekMode.Start);
    await writeAll(file, header(hash.digest("hex")));
  });
}

async function hashFrom(path: string, offset: number): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  const piece = new Uint8Array(PIECE_BYTES);
  let count = await file.read(piece);
  while (count !== null) {
    hash.update(piece.subarray(0, count));
    count = await file.read(piece);
  }
  return hash.digest("hex");
}

/**
 * Opens a file that {@linkcode writeQuantised} wrote.
 *
 * @returns Its tensors; undefined where there is none, or it is damaged.
 */
export async function openQuantised(
  path: string,
): Promise<StoredTensors | undefined> {
  try {
    const { tensors, metadata, dataOffset } = await openSafetensors(path);
    const isWhole = await hashFrom(path, dataOffset) === metadata.sha256;
    return isWhole ? tensors : undefined;
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}
