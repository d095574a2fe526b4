/**
 * Single files of a folder that serves as a store.
 *
 * @module
 */
import { isMissing, statIfThere } from "../files/is_there.ts";
import { PlainFileError, readPlainFile } from "../files/plain_file.ts";
import type { FileContent } from "../files/whole_file.ts";
import { tooLarge } from "./object_store.ts";

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

/**
 * Passes on the bytes of an object until a signal is aborted.
 */
export function endedBy(
  body: Bytes | ReadableStream<Bytes>,
  signal: AbortSignal | undefined,
): FileContent {
  if (body instanceof Uint8Array || signal === undefined) return body;
  return body.pipeThrough(new TransformStream(), { signal });
}

/**
 * Compares a file.
 *
 * @param bytes What it may hold.
 */
export async function isEqual(path: string, bytes: Bytes): Promise<boolean> {
  const { isFile, size } = await Deno.stat(path);
  if (!isFile) throw new Deno.errors.IsADirectory("a folder has its name");
  if (size !== bytes.length) return false;
  const there = await Deno.readFile(path);
  return there.every((byte, i) => byte === bytes[i]);
}

/** How {@linkcode readWhole} reads. */
export interface WholeReading {
  /** What messages call the file. */
  readonly location: string;
  /** The most bytes that it may have. */
  readonly maxBytes: number;
  /** Ends it early. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads a file.
 *
 * @throws {Deno.errors.NotFound} If there is none, or a folder.
 * @throws {StorageError} If it is too large.
 */
export async function readWhole(
  path: string,
  { location, maxBytes, signal }: WholeReading,
): Promise<Bytes> {
  try {
    return await readPlainFile(path, { signal, maxBytes });
  } catch (error) {
    const there = error instanceof PlainFileError
      ? await statIfThere(path)
      : null;
    if (there?.isFile) throw tooLarge(location, maxBytes, there.size);
    const isFolder = error instanceof Deno.errors.IsADirectory ||
      error instanceof PlainFileError || isMissing(error);
    throw isFolder ? new Deno.errors.NotFound("there is no file") : error;
  }
}

/**
 * Makes a file later than the one it replaces. Times have steps, so a file
 * written twice within one step would keep its tag.
 *
 * @param than The old one's, which need not exist.
 */
export async function makeLater(path: string, than: string): Promise<void> {
  const old = (await statIfThere(than))?.mtime ?? null;
  const { mtime } = await Deno.stat(path);
  if (old === null || mtime === null || mtime > old) return;
  const later = new Date(old.getTime() + 1);
  await Deno.utime(path, later, later);
}
