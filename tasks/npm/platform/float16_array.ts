/**
 * Arrays of float16 for Node.js 22; later ones and Bun have them.
 *
 * @module
 */
import { Float16Array as Replacement } from "@petamoriken/float16";

const native = globalThis.Float16Array as
  | typeof globalThis.Float16Array
  | undefined;

/** Stands for `Float16Array`. */
export const Float16Array: typeof globalThis.Float16Array | typeof Replacement =
  native ?? Replacement;
