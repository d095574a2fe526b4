/**
 * A zip archive as a source: its files are read where they lie.
 *
 * @module
 */
import { promisify } from "node:util";
import { crc32, inflateRaw, type ZlibOptions } from "node:zlib";
// @ts-types="@types/yauzl"
import { getFileNameLowLevel } from "yauzl";
import {
  ARCHIVE_LIMITS,
  archiveError,
  type ArchiveLimits,
  archiveName,
  EntryList,
} from "./archive.ts";
import { offsetsOf, windowsOf } from "./joined_reads.ts";
import { DataSetError } from "../sample.ts";
import { eachOf, type Source } from "../source.ts";
import {
  type ByteRange,
  readRange,
  type StoredBytes,
} from "../../files/stored_bytes.ts";
import { ZipDirectory, type ZipEntry } from "../../files/zip_directory.ts";

/** Unix keeps the kind of a file in the upper half of the attributes. */
function kindOf(entry: ZipEntry, name: string): string {
  const madeOnUnix = [3, 19].includes(entry.versionMadeBy >> 8);
  const mode = entry.externalFileAttributes >>> 16 & 0o170000;
  if (madeOnUnix && mode === 0o120000) return "symlink";
  if (madeOnUnix && ![0, 0o100000, 0o040000].includes(mode)) {
    return "special file";
  }
  if (name.endsWith("/")) return "directory";
  return entry.isEncrypted() ? "encrypted file" : "file";
}

/** Bit of the flags that says that a name is UTF-8. */
const UTF8_FLAG = 0x800;

/**
 * The name of an entry. macOS and others write UTF-8 without the flag for it,
 * which hardly any text in code page 437 looks like.
 */
function nameOf(entry: ZipEntry): string {
  const { generalPurposeBitFlag: flags, fileNameRaw, extraFields } = entry;
  const name = (flags: number) =>
    getFileNameLowLevel(flags, fileNameRaw, extraFields, false);
  if ((flags & UTF8_FLAG) !== 0) return name(flags);
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(fileNameRaw);
    return name(flags | UTF8_FLAG);
  } catch {
    return name(flags);
  }
}

const inflate = promisify<Uint8Array, ZlibOptions, Uint8Array>(inflateRaw);

async function readEntry(
  zip: ZipDirectory,
  entry: ZipEntry,
): Promise<Uint8Array> {
  const { compressionMethod, uncompressedSize } = entry;
  if (!entry.canDecodeFileData()) {
    throw new Error(`its compression method is ${compressionMethod}`);
  }
  const packed = await zip.readPacked(entry);
  const data = compressionMethod === 0
    ? packed
    : await inflate(packed, { maxOutputLength: Math.max(uncompressedSize, 1) });
  if (data.length !== uncompressedSize || crc32(data) !== entry.crc32) {
    throw new Error("its checksum does not fit");
  }
  return data;
}

/** Paths are no longer; a link with more in it is none. */
const TARGET_BYTES = 4096;

/** The content of a link is the path that it leads to. */
async function readTarget(
  zip: ZipDirectory,
  entry: ZipEntry,
): Promise<string> {
  if (entry.uncompressedSize > TARGET_BYTES) return "";
  return new TextDecoder().decode(await readEntry(zip, entry));
}

/** Options of {@linkcode openZip}. */
export interface ZipOptions {
  /**
   * Whether links to files of the archive are read; else they are refused.
   *
   * @default {true}
   */
  readonly followsLinks?: boolean;
}

/**
 * Opens a zip archive.
 *
 * @param bytes The archive's bytes.
 * @param limits How large it may be.
 * @param options Whether links are followed.
 * @returns Its files as a source.
 * @throws {DataSetError} If it is cut off or damaged, has an entry that is
 * unsafe, encrypted or there twice, or is over a limit.
 */
export async function openZip(
  bytes: StoredBytes,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
  options: ZipOptions = {},
): Promise<Source> {
  const { location } = bytes;
  const list = new EntryList(location, limits);
  const entries = new Map<string, ZipEntry>();
  const opened = await listEntries(bytes, async (entry, zip) => {
    const name = nameOf(entry);
    const kind = kindOf(entry, name);
    const target = kind === "symlink" && options.followsLinks !== false
      ? await readTarget(zip, entry)
      : undefined;
    entries.set(list.add(name, kind, target), entry);
  });
  const entryOf = (path: string) =>
    entries.get(list.links.files.get(path) ?? path);
  const read = async (path: string) => {
    const entry = entryOf(path)!;
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
    notes: list.notes,
    read,
    keep: () => Promise.resolve(),
    async *each(paths) {
      const offsets = offsetsOf(entries.values());
      for (const window of windowsOf(paths, entryOf, offsets)) {
        opened.share(window.shared);
        yield* eachOf(new Set(window.paths), read);
      }
    },
  };
}

async function listEntries(
  bytes: StoredBytes,
  add: (entry: ZipEntry, zip: ZipDirectory) => Promise<void>,
): Promise<ZipDirectory> {
  const { size } = bytes;
  const read = (range: ByteRange) => readRange(bytes, range);
  try {
    const zip = await ZipDirectory.open({ size, read }, {
      decodeStrings: false,
    });
    for await (const entry of zip.entries()) await add(entry, zip);
    return zip;
  } catch (error) {
    if (error instanceof DataSetError) throw error;
    throw archiveError(bytes.location, "it must be whole and valid", error);
  }
}
