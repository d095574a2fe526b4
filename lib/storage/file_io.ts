/**
 * What a folder as a store does with single files.
 *
 * @module
 */
import { dirname } from "node:path";
import type { StoreOptions } from "./object_store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const CHUNK_BYTES = 1 << 18;

/** How an open file is read. */
export interface Reading {
  /** How many bytes at most. */
  readonly length: number;
  /** Turns the file system's errors into those to throw. */
  readonly fail: (error: unknown) => unknown;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Streams what follows in an open file, and closes it.
 *
 * @param file The file, where reading is to start.
 * @param reading How much, and what may end it.
 * @returns Its bytes.
 */
export function streamOf(
  file: Deno.FsFile,
  reading: Reading,
): ReadableStream<Bytes> {
  let left = reading.length;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      try {
        reading.signal?.throwIfAborted();
        const buffer = new Uint8Array(Math.min(CHUNK_BYTES, left));
        const count = left === 0 ? null : await file.read(buffer);
        if (count === null) {
          file.close();
          controller.close();
          return;
        }
        left -= count;
        controller.enqueue(buffer.subarray(0, count));
      } catch (error) {
        file.close();
        throw reading.fail(error);
      }
    },
    cancel: () => file.close(),
  }, { highWaterMark: 0 });
}

async function writeChunk(file: Deno.FsFile, chunk: Bytes): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    at += await file.write(chunk.subarray(at));
  }
}

/**
 * Writes a new file, making the folders above it.
 *
 * @param path Its path.
 * @param body Its bytes.
 * @param signal Ends it early.
 */
export async function writeNew(
  path: string,
  body: Bytes | ReadableStream<Bytes>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { write: true, createNew: true });
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    signal?.throwIfAborted();
    await writeChunk(file, chunk);
  }
}

/**
 * Compares a file.
 *
 * @param path Its path.
 * @param bytes What it may hold.
 * @returns Whether it does.
 */
export async function isEqual(path: string, bytes: Bytes): Promise<boolean> {
  const { isFile, size } = await Deno.stat(path);
  if (!isFile) throw new Deno.errors.IsADirectory("a folder has its name");
  if (size !== bytes.length) return false;
  const there = await Deno.readFile(path);
  return there.every((byte, i) => byte === bytes[i]);
}

/**
 * Reads a file.
 *
 * @param path Its path.
 * @param options The signal.
 * @returns Its bytes.
 * @throws {Deno.errors.NotFound} If there is none, or a folder.
 */
export async function readWhole(
  path: string,
  options: StoreOptions,
): Promise<Bytes> {
  try {
    return await Deno.readFile(path, options);
  } catch (error) {
    const isFolder = error instanceof Deno.errors.IsADirectory ||
      error instanceof Deno.errors.NotADirectory;
    throw isFolder ? new Deno.errors.NotFound("there is no file") : error;
  }
}

/**
 * Turns an error that says that a file is missing into null.
 *
 * @param error What was thrown; thrown again where it says anything else.
 * @returns Null.
 */
export function nullIfMissing(error: unknown): null {
  if (error instanceof Deno.errors.NotFound) return null;
  if (error instanceof Deno.errors.NotADirectory) return null;
  throw error;
}

/**
 * Makes a file later than the one it replaces: times have steps, in which a
 * file written twice would keep its tag.
 *
 * @param path The new file's path.
 * @param than The old one's, which need not exist.
 */
export async function makeLater(path: string, than: string): Promise<void> {
  const old = await Deno.stat(than).catch(nullIfMissing);
  const { mtime } = await Deno.stat(path);
  if (old === null || old.mtime === null || mtime === null) return;
  if (mtime > old.mtime) return;
  const later = new Date(old.mtime.getTime() + 1);
  await Deno.utime(path, later, later);
}
