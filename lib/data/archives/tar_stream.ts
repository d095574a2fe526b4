/**
 * Tar archives as streams of entries.
 *
 * @module
 */
import { begin } from "../../async/begin.ts";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import xz from "xz-decompress";
import { archiveError } from "./archive.ts";
import type { DataSetError } from "../sample.ts";
import type { StoredBytes } from "../../files/stored_bytes.ts";

/** How a tar archive is compressed. */
export type TarCompression = "none" | "gzip" | "xz";

/** An entry, readable until the next one is asked for. */
export interface TarEntry {
  /** Name as the archive has it. */
  readonly name: string;
  /** What the entry is: file, directory, symlink, link ... */
  readonly kind: string;
  /** Where a link leads. */
  readonly target?: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Reads the file. */
  readonly read: () => Promise<Uint8Array>;
}

/** An archive ends with two blocks of zeros. */
const END = 2 * 512;

/** Counts the zeros that end a stream, `before` of which precede the chunk. */
function countZeros(chunk: Uint8Array, before: number): number {
  for (let i = chunk.length; i > 0; i--) {
    const count = chunk.length - i;
    if (count >= END || chunk[i - 1] !== 0) return count;
  }
  return before + chunk.length;
}

/** An archive cut between two entries is noticed only by its missing end. */
async function* assertEnd(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let zeros = 0;
  for await (const chunk of chunks) {
    zeros = countZeros(chunk, zeros);
    yield chunk;
  }
  if (zeros < END) throw new Error("its end is missing");
}

async function* chunksOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Unpacks into a writable stream; rejects if the archive is not whole. */
async function unpack(
  chunks: AsyncIterable<Uint8Array>,
  compression: TarCompression,
  target: Writable,
): Promise<void> {
  if (compression === "none") {
    await pipeline(chunks, assertEnd, target);
  } else if (compression === "gzip") {
    await pipeline(chunks, createGunzip(), assertEnd, target);
  } else {
    const plain = new xz.XzReadableStream(ReadableStream.from(chunks));
    await pipeline(plain, assertEnd, target);
  }
}

function damaged(location: string, error: unknown): DataSetError {
  return archiveError(location, "it must be whole and valid", error);
}

function toEntry(
  header: Header,
  source: AsyncIterable<Uint8Array>,
  location: string,
): TarEntry {
  const { name, type, size, linkname } = header;
  const kind = type === "contiguous-file" ? "file" : type ?? "special file";
  const read = async (): Promise<Uint8Array> => {
    const data = new Uint8Array(size);
    let filled = 0;
    try {
      for await (const chunk of source) {
        data.set(chunk, filled);
        filled += chunk.length;
      }
    } catch (error) {
      throw damaged(location, error);
    }
    return data;
  };
  return {
    name,
    kind,
    size,
    read,
    ...typeof linkname === "string" && { target: linkname },
  };
}

/**
 * Reads a tar archive from its start.
 *
 * @param bytes The archive's bytes.
 * @param compression How they are compressed.
 * @yields Each entry; what is not read of it is passed over.
 * @throws {DataSetError} If the archive is cut off or damaged.
 */
export async function* readTar(
  bytes: StoredBytes,
  compression: TarCompression,
): AsyncGenerator<TarEntry> {
  const reader = bytes.open().getReader();
  const extractor = extract();
  // The loop below meets the same failure.
  const unpacked = begin(unpack(
    chunksOf(reader),
    compression,
    extractor as unknown as Writable,
  ));
  try {
    for await (const source of extractor) {
      const chunks = source as AsyncIterable<Uint8Array>;
      yield toEntry(source.header, chunks, bytes.location);
      source.resume();
    }
    await unpacked;
  } catch (error) {
    throw damaged(bytes.location, error);
  } finally {
    extractor.destroy();
    await unpacked.catch(() => {});
    await reader.cancel().catch(() => {});
  }
}
