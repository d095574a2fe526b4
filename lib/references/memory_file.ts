/**
 * A memory as a .safetensors file.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { checkWeights, type Shapes } from "../checkpoint/check_weights.ts";
import { isJsonObject } from "../checkpoint/json_file.ts";
import {
  parseHeader,
  type SafetensorsFile,
} from "../checkpoint/safetensors_header.ts";
import { safetensorsHeader } from "../checkpoint/write_safetensors.ts";
import type { PatchSizes } from "../methods/architecture.ts";
import type {
  ChannelStatistics,
  LearnedImage,
  Memory,
  TapStatistics,
} from "./memory.ts";
import { VIEWS } from "./views.ts";

/**
 * What a memory of this version is called. The number rises whenever features,
 * scales or the layout of the file change, because distances to features that
 * were computed otherwise would mean nothing. Version 2 has 96 features where
 * towers are narrow.
 */
export const MEMORY_FORMAT = "mfp-clip good images 2";

const SHA256_REGEXP = /^[0-9a-f]{64}$/;

/** What a memory was made of, beside its images. */
export interface MemoryOrigin {
  /** The product. */
  readonly category: string;
  /** What tells the model from any other. */
  readonly model: string;
  /** Side in pixels to which images were resized. */
  readonly side: number;
  /** Bits that were taken to be filled in 16-bit files. */
  readonly bitDepth: number;
  /**
   * What tells how images were laid before the model from any other way; absent
   * where they were stretched to its square.
   */
  readonly framing?: string;
}

/** A memory and its origin. */
export interface StoredMemory {
  /** The memory. */
  readonly memory: Memory;
  /** Its origin. */
  readonly origin: MemoryOrigin;
}

type Tensors = Readonly<Record<string, Float32Array>>;

const PARTS = ["patch", "neighbourhood"] as const;
const STATISTICS = ["mean", "spread"] as const;

function tensorsOf(
  { statistics, projection, features, calibration }: Memory,
): Tensors {
  const { position, threshold, logitMedian, logitSpread } = calibration;
  const channels = statistics.flatMap((tap, i) =>
    PARTS.flatMap((part) =>
      STATISTICS.map((name) =>
        [`taps.${i}.${part}.${name}`, tap[part][name]] as const
      )
    )
  );
  return {
    ...Object.fromEntries(channels),
    "projection.weight": projection.weight,
    "projection.bias": projection.bias,
    features,
    position,
    scales: Float32Array.of(threshold, logitMedian, logitSpread),
  };
}

/** Shapes of all tensors, for F features of N patches. */
function shapesOf(
  { grid, width, taps }: PatchSizes,
  { count, kept }: { readonly count: number; readonly kept: number },
): Shapes {
  const channels = Array.from(
    { length: taps },
    (_, i) =>
      PARTS.flatMap((part) =>
        STATISTICS.map((name) =>
          [`taps.${i}.${part}.${name}`, [width]] as const
        )
      ),
  );
  return new Map<string, readonly number[]>([
    ...channels.flat(),
    ["projection.weight", [count, VIEWS * taps * width]],
    ["projection.bias", [count]],
    ["features", [kept, count]],
    ["position", [grid, grid]],
    ["scales", [3]],
  ]);
}

/**
 * Encodes a memory. The same memory gives the same bytes.
 *
 * @returns The bytes of a .safetensors file.
 */
export function encodeMemory(
  { memory, origin }: StoredMemory,
): Uint8Array<ArrayBuffer> {
  const tensors = tensorsOf(memory);
  const count = memory.projection.bias.length;
  const kept = memory.features.length / count;
  const shapes = [...shapesOf(memory.sizes, { count, kept })];
  const header = safetensorsHeader(
    shapes.map(([name, shape]) => {
      const { byteLength } = tensors[name]!;
      return [name, { dtype: "F32", shape, byteLength }] as const;
    }),
    {
      format: MEMORY_FORMAT,
      origin: JSON.stringify({
        category: origin.category,
        model: origin.model,
        side: origin.side,
        bitDepth: origin.bitDepth,
        sizes: memory.sizes,
        ...origin.framing !== undefined && { framing: origin.framing },
      }),
      images: JSON.stringify(memory.images),
    },
  );
  const parts = shapes.map(([name]) => {
    const { buffer, byteOffset, byteLength } = tensors[name]!;
    return new Uint8Array(buffer, byteOffset, byteLength);
  });
  return joined([header, ...parts]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** What tells a memory from any other: the SHA-256 of its file. */
export function memoryHash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function headerOf(bytes: Uint8Array, path: string): SafetensorsFile {
  const size = bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const length = size < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (length > size - 8) cannotLoad(path, "the file is truncated");
  const file = parseHeader(bytes.subarray(8, 8 + length), { path, size });
  const { format } = file.metadata;
  if (format === MEMORY_FORMAT) return file;
  cannotLoad(
    path,
    `it must be a memory of good images of this version: ` +
      `current format is ${JSON.stringify(format ?? null)}`,
  );
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isImage(value: unknown): value is LearnedImage {
  return isJsonObject(value) && typeof value.key === "string" &&
    typeof value.sha256 === "string" && SHA256_REGEXP.test(value.sha256) &&
    (value.patches === undefined || isCount(value.patches));
}

function imagesOf({ metadata, path }: SafetensorsFile): LearnedImage[] {
  const images = parsed(metadata.images);
  if (Array.isArray(images) && images.length > 0 && images.every(isImage)) {
    return images.map(({ key, sha256, patches }) => ({
      key,
      sha256,
      ...patches !== undefined && { patches },
    }));
  }
  cannotLoad(path, "its list of good images is damaged");
}

function originOf(
  { metadata, path }: SafetensorsFile,
): { origin: MemoryOrigin; sizes: PatchSizes } {
  const value = parsed(metadata.origin);
  const { category, model, side, bitDepth, sizes, framing } =
    isJsonObject(value) ? value : {};
  const { grid, width, taps } = isJsonObject(sizes) ? sizes : {};
  if (
    typeof category === "string" && typeof model === "string" &&
    isCount(side) && isCount(bitDepth) && isCount(grid) && isCount(width) &&
    isCount(taps) && (framing === undefined || typeof framing === "string")
  ) {
    const origin = {
      ...{ category, model, side, bitDepth },
      ...framing !== undefined && { framing },
    };
    return { origin, sizes: { grid, width, taps } };
  }
  cannotLoad(path, "its origin is damaged");
}

/** All tensors, of which each number must be finite. */
function readTensors(bytes: Uint8Array, file: SafetensorsFile): Tensors {
  const entries = [...file.tensors].map(([name, { offset, byteLength }]) => {
    // A copy, because the numbers must start at a multiple of four bytes.
    const data = new Float32Array(
      bytes.slice(offset, offset + byteLength).buffer,
    );
    if (!data.every(Number.isFinite)) {
      cannotLoad(file.path, `tensor ${name} must hold finite numbers`);
    }
    return [name, data] as const;
  });
  return Object.fromEntries(entries);
}

function statisticsOf(tensors: Tensors, taps: number): TapStatistics[] {
  const read = (prefix: string): ChannelStatistics => ({
    mean: tensors[`${prefix}.mean`]!,
    spread: tensors[`${prefix}.spread`]!,
  });
  return Array.from({ length: taps }, (_, i) => ({
    patch: read(`taps.${i}.patch`),
    neighbourhood: read(`taps.${i}.neighbourhood`),
  }));
}

/** What is divided by must be positive. */
function assertPositive(tensors: Tensors, path: string): void {
  const [threshold, , spread] = tensors.scales!;
  const divisors = [tensors.position!, Float32Array.of(threshold!, spread!)];
  const spreads = Object.entries(tensors)
    .filter(([name]) => name.endsWith(".spread")).map(([, data]) => data);
  if ([...divisors, ...spreads].every((data) => data.every((x) => x > 0))) {
    return;
  }
  cannotLoad(path, "its scales must be positive numbers");
}

/**
 * Reads a memory.
 *
 * @param bytes A file that {@linkcode encodeMemory} wrote.
 * @param path What errors call it.
 * @throws {ModelError} If it is another file, or damaged.
 */
export function decodeMemory(bytes: Uint8Array, path: string): StoredMemory {
  const file = headerOf(bytes, path);
  const { origin, sizes } = originOf(file);
  const [kept = 0, count = 0] = file.tensors.get("features")?.shape ?? [];
  const shapes = shapesOf(sizes, { count, kept });
  for (const [name, { dtype }] of checkWeights(file, shapes)) {
    if (dtype !== "F32") cannotLoad(path, `tensor ${name} must be F32`);
  }
  if (count < 1 || kept < 1) cannotLoad(path, "it must hold patches");
  const tensors = readTensors(bytes, file);
  assertPositive(tensors, path);
  const [threshold, logitMedian, logitSpread] = tensors.scales!;
  return {
    origin,
    memory: {
      sizes,
      statistics: statisticsOf(tensors, sizes.taps),
      projection: {
        weight: tensors["projection.weight"]!,
        bias: tensors["projection.bias"]!,
      },
      features: tensors.features!,
      calibration: {
        position: tensors.position!,
        threshold: threshold!,
        logitMedian: logitMedian!,
        logitSpread: logitSpread!,
      },
      images: imagesOf(file),
    },
  };
}
