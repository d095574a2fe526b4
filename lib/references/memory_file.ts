/**
 * A memory as a .safetensors file.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { checkWeights, type Shapes } from "../checkpoint/check_weights.ts";
import { isJsonObject } from "../checkpoint/json_file.ts";
import type { PatchSizes } from "../methods/architecture.ts";
import type { ChannelStatistics, Memory, TapStatistics } from "./memory.ts";
import {
  encodeTensors,
  imagesOf,
  isCount,
  memoryHeader,
  type MemoryOrigin,
  originOf,
  readTensors,
  type Tensors,
} from "./memory_tensors.ts";
import { VIEWS } from "./views.ts";

/**
 * What a memory of this version is called. The number rises whenever features,
 * scales or the layout of the file change, because distances to features that
 * were computed otherwise would mean nothing. Version 2 has 96 features where
 * towers are narrow.
 */
export const MEMORY_FORMAT = "mfp-clip good images 2";

/** A memory and its origin. */
export interface StoredMemory {
  /** The memory. */
  readonly memory: Memory;
  /** Its origin. */
  readonly origin: MemoryOrigin;
}

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
  const { sizes, images } = memory;
  const format = MEMORY_FORMAT;
  return encodeTensors(shapes, tensors, { format, origin, sizes, images });
}

function patchSizes(value: unknown, path: string): PatchSizes {
  const { grid, width, taps } = isJsonObject(value) ? value : {};
  if (isCount(grid) && isCount(width) && isCount(taps)) {
    return { grid, width, taps };
  }
  cannotLoad(path, "its origin is damaged");
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
  const file = memoryHeader(bytes, { path, format: MEMORY_FORMAT });
  const { origin, sizes: stated } = originOf(file);
  const sizes = patchSizes(stated, path);
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
