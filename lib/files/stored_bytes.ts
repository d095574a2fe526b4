/**
 * Bytes that can be opened again and again: a file here, an object in a store
 * elsewhere.
 *
 * @module
 */
import { assertPlainFile } from "./plain_file.ts";

/** Part of the bytes, `end` excluded. */
export interface ByteRange {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the last byte. */
  readonly end: number;
}

/** An archive's bytes. */
export interface StoredBytes {
  /** Path or address, for messages. */
  readonly location: string;
  /** How many bytes there are. */
  readonly size: number;
  /** Opens the bytes from their start, or a part of them. */
  open(range?: ByteRange): ReadableStream<Uint8Array>;
}

const CHUNK = 1 << 18;

function streamFile(
  path: string,
  range: ByteRange,
): ReadableStream<Uint8Array> {
  let file: Deno.FsFile | undefined;
  let left = range.end - range.start;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (file === undefined) {
        file = await Deno.open(path);
        await file.seek(range.start, Deno.SeekMode.Start);
      }
      const buffer = new Uint8Array(Math.min(CHUNK, left));
      const count = left === 0 ? null : await file.read(buffer);
      if (count === null) {
        file.close();
        controller.close();
        return;
      }
      left -= count;
      controller.enqueue(buffer.subarray(0, count));
    },
    cancel() {
      file?.close();
    },
  }, { highWaterMark: 0 });
}

/**
 * The bytes of a file. It is open only while it is read.
 *
 * @throws {Deno.errors.NotFound} If there is no such file.
 */
export async function fileBytes(path: string): Promise<StoredBytes> {
  await assertPlainFile(path, { maxBytes: Infinity });
  const { size } = await Deno.stat(path);
  return {
    location: path,
    size,
    open: ({ start, end } = { start: 0, end: size }) =>
      streamFile(path, { start, end }),
  };
}

/**
 * Reads a part of stored bytes.
 *
 * @param range The part; it may reach past the end.
 * @returns The bytes there are in that part.
 */
export async function readRange(
  bytes: StoredBytes,
  range: ByteRange,
): Promise<Uint8Array> {
  const end = Math.min(range.end, bytes.size);
  const part = new Uint8Array(Math.max(end - range.start, 0));
  let filled = 0;
  for await (const chunk of bytes.open({ start: range.start, end })) {
    part.set(chunk, filled);
    filled += chunk.length;
  }
  return part.subarray(0, filled);
}
