/**
 * A zip archive as a source: its files are read where they lie.
 *
 * @module
 */
import { promisify } from "node:util";
import { crc32, inflateRaw, type ZlibOptions } from "node:zlib";
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
import { DataSetError } from "../sample.ts";
import { eachOf, type Source } from "../source.ts";
import { readRange, type StoredBytes } from "../../files/stored_bytes.ts";

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

  override read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, count?: number) => void,
  ): void {
    this.slice(position, length).then((part) => {
      buffer.set(part, offset);
      callback(null, part.length);
    }, callback);
  }

  /** Reads what there is of a range. */
  async slice(start: number, length: number): Promise<Uint8Array> {
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

interface OpenZip {
  readonly zip: ZipFile;
  readonly reader: BlockReader;
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

const inflate = promisify<Uint8Array, ZlibOptions, Uint8Array>(inflateRaw);

async function readEntry(
  { zip, reader }: OpenZip,
  entry: Entry,
): Promise<Uint8Array> {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  if (!entry.canDecodeFileData()) {
    throw new Error(`its compression method is ${compressionMethod}`);
  }
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, {
    minimal: true,
  });
  const packed = await reader.slice(fileDataStart, compressedSize);
  const data = compressionMethod === 0
    ? packed
    : await inflate(packed, { maxOutputLength: Math.max(uncompressedSize, 1) });
  if (data.length !== uncompressedSize || crc32(data) !== entry.crc32) {
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
  const opened = await listEntries(bytes, (entry) => {
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
    const bytes = Math.max(entry.compressedSize, entry.uncompressedSize);
    if (bytes > limits.fileBytes) {
      const must = `${path} must have at most ${limits.fileBytes} bytes`;
      throw archiveError(location, must, bytes);
    }
    try {
      return await readEntry(opened, entry);
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
): Promise<OpenZip> {
  const reader = new BlockReader(bytes);
  const options = { autoClose: false, decodeStrings: false };
  try {
    const { size } = bytes;
    const zip = await fromRandomAccessReaderPromise(reader, size, options);
    for await (const entry of zip.eachEntry()) add(entry);
    return { zip, reader };
  } catch (error) {
    if (error instanceof DataSetError) throw error;
    throw archiveError(bytes.location, "it must be whole and valid", error);
  }
}
