/**
 * Reads what `tests/golden/image/make_goldens.py` wrote.
 *
 * @module
 */
import { join } from "node:path";

const FOLDER = join(import.meta.dirname!, "../golden/image");

interface Expected {
  width: number;
  height: number;
  at: number;
}

/** The cases, and where in the raw bytes each expectation starts. */
export interface Goldens {
  decode: (Expected & { file: string })[];
  resize: (Expected & { toWidth: number; toHeight: number; toAt: number })[];
  upright: (Expected & { file: string })[];
  masks: (Expected & { file: string; side: number; toAt: number })[];
}

/** Reads the list of cases. */
export function readGoldens(): Goldens {
  return JSON.parse(Deno.readTextFileSync(join(FOLDER, "goldens.json")));
}

/** Reads the raw bytes of all expectations. */
export function readExpectations(): Uint8Array {
  return Deno.readFileSync(join(FOLDER, "goldens.bin"));
}

/** Reads an image file made by Pillow. */
export function readGoldenFile(name: string): Uint8Array {
  return Deno.readFileSync(join(FOLDER, "files", name));
}

/** The largest difference of two byte arrays of the same length. */
export function largestDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);
}
