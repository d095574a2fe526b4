/**
 * Memory outside of JavaScript: bytes of arrays, images and models, which the C
 * library hands out and keeps for later when they are freed.
 *
 * @module
 */

/** Names in the C library of most Linux systems, glibc. */
const SYMBOLS = {
  malloc_trim: { parameters: ["usize"], result: "i32" },
  mallopt: { parameters: ["i32", "i32"], result: "i32" },
} as const;

/** Settings of `mallopt`, by their numbers in `malloc.h`. */
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;

type Library = ReturnType<typeof Deno.dlopen<typeof SYMBOLS>>["symbols"];

/** Does nothing with other C libraries, such as musl, and in Node.js. */
function withLibrary(use: (library: Library) => void): void {
  if (Deno.build.os !== "linux") return;
  try {
    const library = Deno.dlopen("libc.so.6", SYMBOLS);
    use(library.symbols);
    library.close();
  } catch {
    // Memory stays as it is.
  }
}

/**
 * Gives memory back to the system that was freed but kept: 120 MB after loading
 * a model of ViT-L size in int8.
 */
export function giveBackMemory(): void {
  withLibrary(({ malloc_trim }) => malloc_trim(0n));
}

/**
 * Keeps little of what will be freed, for a process that runs for long. Bodies
 * and images, from 64 KiB, go back at once when they are freed. What is smaller
 * lies in two heaps, in place of eight for each core, all of which grow to the
 * most that was ever in them (bench/soak.ts).
 */
export function keepLittleMemory(): void {
  withLibrary(({ mallopt }) => {
    mallopt(M_MMAP_THRESHOLD, 64 << 10);
    mallopt(M_ARENA_MAX, 2);
  });
}

/**
 * Frees the bytes of an array now, and not when its collector finds it: that
 * waits for some 64 MB of them in each worker. A part of a larger buffer stays.
 *
 * @param array What nobody reads any more; it has no elements then.
 */
export function free({ buffer, byteLength }: Uint8Array): void {
  const isWhole = byteLength === buffer.byteLength;
  if (isWhole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
