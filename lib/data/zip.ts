/**
 * A zip archive as a source: its files are read where they lie.
 *
 * @module
 */
import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
// @ts-types="@types/yauzl"
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  type ZipFile,
} from "yauzl";
import {
  ARCHIVE_LIMITS,
  archiveError,
  type ArchiveLimits,
  archiveName,
  EntryList,
} from "./archive.ts";
import { DataSetError } from "./sample.ts";
import { eachOf, type Source } from "./source.ts";
import { readRange, type StoredBytes } from "./stored_bytes.ts";

const BLOCK = 1 << 16;

/**
 * Serves the many small reads of a zip's directory from blocks, and keeps
 * nothing open between reads.
 */
class BlockReader extends RandomAccessReader {
  readonly #bytes: StoredBytes;
  #block: { start: number; data: Promise<Uint8Array> } | undefined;

  constructor(bytes: StoredBytes) {
    super();
    this.#bytes = bytes;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#bytes.open({ start, end }), {
      objectMode: false,
    });
  }

  override read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, count?: number) => void,
  ): void {
    this.#slice(position, length).then((part) => {
      buffer.set(part, offset);
      callback(null, part.length);
    }, callback);
  }

  async #slice(start: number, length: number): Promise<Uint8Array> {
    const { start: from = Infinity, data } = this.#block ?? {};
    if (data !== undefined && start >= from) {
      const at = start - from;
      const block = await data;
      if (at + length <= block.length) return block.subarray(at, at + length);
    }
    const fresh = readRange(this.#bytes, {
      start,
      end: start + Math.max(length, BLOCK),
    });
    this.#block = { start, data: fresh };
    return (await fresh).subarray(0, length);
  }
}

/** Unix keeps the kind of a file in the upper half of the attributes. */
function kindOf(entry: Entry, name: string): string {
  const madeOnUnix = [3, 19].includes(entry.versionMadeBy >> 8);
  const mode = entry.externalFileAttributes >>> 16 & 0o170000;
  if (madeOnUnix && mode === 0o120000) return "symlink";
  if (madeOnUnix && ![0, 0o100000, 0o040000].includes(mode)) {
    return "special file";
  }
  if (name.endsWith("/")) return "directory";
  return entry.isEncrypted() ? "encrypted file" : "file";
}

async function readEntry(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const data = new Uint8Array(entry.uncompressedSize);
  let filled = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    data.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled !== data.length || crc32(data) !== entry.crc32) {
    throw new Error("its checksum does not fit");
  }
  return data;
}

/**
 * Opens a zip archive.
 *
 * @param bytes The archive's bytes.
 * @param limits How large it may be.
 * @returns Its files as a source.
 * @throws {DataSetError} If it is cut off or damaged, has an entry that is
 * unsafe, encrypted or there twice, or is over a limit.
 */
export async function openZip(
  bytes: StoredBytes,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<Source> {
  const { location } = bytes;
  const list = new EntryList(location, limits);
  const entries = new Map<string, Entry>();
  const zip = await listEntries(bytes, (entry) => {
    const name = getFileNameLowLevel(
      entry.generalPurposeBitFlag,
      entry.fileNameRaw,
      entry.extraFields,
      false,
    );
    entries.set(list.add(name, kindOf(entry, name)), entry);
  });
  const read = async (path: string) => {
    const entry = entries.get(path)!;
    if (entry.uncompressedSize > limits.fileBytes) {
      const must = `${path} must have at most ${limits.fileBytes} bytes`;
      throw archiveError(location, must, entry.uncompressedSize);
    }
    try {
      return await readEntry(zip, entry);
    } catch (error) {
      throw archiveError(location, `${path} must be whole and valid`, error);
    }
  };
  return {
    location,
    kind: "archive",
    name: archiveName(location),
    files: list.files,
    folders: list.folders,
    read,
    keep: () => Promise.resolve(),
    each: (paths) => eachOf(paths, read),
  };
}

async function listEntries(
  bytes: StoredBytes,
  add: (entry: Entry) => void,
): Promise<ZipFile> {
  try {
    const zip = await fromRandomAccessReaderPromise(
      new BlockReader(bytes),
      bytes.size,
      { autoClose: false, decodeStrings: false },
    );
    for await (const entry of zip.eachEntry()) add(entry);
    return zip;
  } catch (error) {
    if (error instanceof DataSetError) throw error;
    throw archiveError(bytes.location, "it must be whole and valid", error);
  }
}
