/**
 * Tensors of good images as a .safetensors file, with what they were made of.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { isJsonObject } from "../checkpoint/json_file.ts";
import {
  parseHeader,
  type SafetensorsFile,
} from "../checkpoint/safetensors_header.ts";
import { safetensorsHeader } from "../checkpoint/write_safetensors.ts";
import type { LearnedImage } from "./memory.ts";

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

/** Numbers by name. */
export type Tensors = Readonly<Record<string, Float32Array>>;

/** What the header of a file says. */
export interface HeaderFacts {
  /** Kind and version of the file. */
  readonly format: string;
  /** What the memory was made of. */
  readonly origin: MemoryOrigin;
  /** What must be the same in the model. */
  readonly sizes: unknown;
  /** The good images. */
  readonly images: readonly LearnedImage[];
}

/**
 * Encodes tensors. The same tensors give the same bytes.
 *
 * @param shapes Their shapes, in the order of the file.
 * @returns The bytes of a .safetensors file.
 */
export function encodeTensors(
  shapes: readonly (readonly [string, readonly number[]])[],
  tensors: Tensors,
  { format, origin, sizes, images }: HeaderFacts,
): Uint8Array<ArrayBuffer> {
  const header = safetensorsHeader(
    shapes.map(([name, shape]) => {
      const { byteLength } = tensors[name]!;
      return [name, { dtype: "F32", shape, byteLength }] as const;
    }),
    {
      format,
      origin: JSON.stringify({
        category: origin.category,
        model: origin.model,
        side: origin.side,
        bitDepth: origin.bitDepth,
        sizes,
        ...origin.framing !== undefined && { framing: origin.framing },
      }),
      images: JSON.stringify(images),
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
  return parseHeader(bytes.subarray(8, 8 + length), { path, size });
}

/**
 * Kind and version of a file, if it says them.
 *
 * @throws {ModelError} If it is damaged.
 */
export function formatOf(bytes: Uint8Array, path: string): string | undefined {
  return headerOf(bytes, path).metadata.format;
}

/**
 * Reads the header of a file of one format.
 *
 * @throws {ModelError} If it is damaged, or another file.
 */
export function memoryHeader(
  bytes: Uint8Array,
  { path, format: wanted }: { readonly path: string; readonly format: string },
): SafetensorsFile {
  const file = headerOf(bytes, path);
  const { format } = file.metadata;
  if (format === wanted) return file;
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

/** Whether a value is a whole number above 0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isImage(value: unknown): value is LearnedImage {
  return isJsonObject(value) && typeof value.key === "string" &&
    typeof value.sha256 === "string" && SHA256_REGEXP.test(value.sha256) &&
    (value.patches === undefined || isCount(value.patches));
}

/**
 * The good images that a file was made of.
 *
 * @throws {ModelError} If they are damaged.
 */
export function imagesOf({ metadata, path }: SafetensorsFile): LearnedImage[] {
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

/**
 * What a file was made of.
 *
 * @returns That, and what it says of sizes.
 * @throws {ModelError} If it is damaged.
 */
export function originOf(
  { metadata, path }: SafetensorsFile,
): { origin: MemoryOrigin; sizes: unknown } {
  const value = parsed(metadata.origin);
  const { category, model, side, bitDepth, sizes, framing } =
    isJsonObject(value) ? value : {};
  if (
    typeof category === "string" && typeof model === "string" &&
    isCount(side) && isCount(bitDepth) &&
    (framing === undefined || typeof framing === "string")
  ) {
    const origin = {
      ...{ category, model, side, bitDepth },
      ...framing !== undefined && { framing },
    };
    return { origin, sizes };
  }
  cannotLoad(path, "its origin is damaged");
}

/** All tensors, of which each number must be finite. */
export function readTensors(bytes: Uint8Array, file: SafetensorsFile): Tensors {
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
