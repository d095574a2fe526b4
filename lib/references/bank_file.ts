/**
 * Banks of good images as a .safetensors file.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { checkWeights } from "../checkpoint/check_weights.ts";
import type { GoodImageRules } from "../methods/good_image_rules.ts";
import type { Banks } from "./banks.ts";
import {
  encodeTensors,
  imagesOf,
  memoryHeader,
  type MemoryOrigin,
  originOf,
  readTensors,
} from "./memory_tensors.ts";

/**
 * What banks of this version are called. The number rises whenever features or
 * the layout of the file change.
 */
export const BANKS_FORMAT = "mfp-clip banks of good images 1";

/** Banks and what they were made of. */
export interface StoredBanks {
  /** The banks. */
  readonly banks: Banks;
  /** Their origin. */
  readonly origin: MemoryOrigin;
}

/**
 * Encodes banks. The same banks give the same bytes.
 *
 * @returns The bytes of a .safetensors file.
 */
export function encodeBanks(
  { banks, origin }: StoredBanks,
): Uint8Array<ArrayBuffer> {
  const shapes = [...banks.shapes].map(([name, [, width]]) =>
    [name, [banks.data[name]!.length / width, width]] as const
  );
  return encodeTensors(shapes, banks.data, {
    format: BANKS_FORMAT,
    origin,
    sizes: Object.fromEntries(banks.shapes),
    images: banks.images,
  });
}

/**
 * Reads banks.
 *
 * @param bytes A file that {@linkcode encodeBanks} wrote.
 * @param path What errors call it.
 * @param rules Those of the method.
 * @throws {ModelError} If it is another file, damaged, or of other sizes.
 */
export function decodeBanks(
  bytes: Uint8Array,
  path: string,
  rules: GoodImageRules,
): StoredBanks {
  const file = memoryHeader(bytes, { path, format: BANKS_FORMAT });
  const { origin, sizes } = originOf(file);
  const wanted = JSON.stringify(Object.fromEntries(rules.banks));
  if (JSON.stringify(sizes) !== wanted) {
    cannotLoad(
      path,
      `it must hold banks of ${wanted}: ` +
        `current sizes are ${JSON.stringify(sizes ?? null)}`,
    );
  }
  const shapes = new Map(
    [...rules.banks].map(([name, [rows, width]]) =>
      [name, [rows!, width!] as const] as const
    ),
  );
  // A region of interest leaves any number of features.
  const rowsOf = (name: string) => file.tensors.get(name)?.shape[0] ?? 1;
  const found = checkWeights(
    file,
    new Map([...shapes].map(([name, [, width]]) => [
      name,
      [Math.max(rowsOf(name), 1), width],
    ])),
  );
  for (const [name, { dtype }] of found) {
    if (dtype !== "F32") cannotLoad(path, `tensor ${name} must be F32`);
  }
  const data = readTensors(bytes, file);
  return { origin, banks: { shapes, data, images: imagesOf(file) } };
}
