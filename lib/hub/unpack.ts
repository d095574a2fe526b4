/**
 * Unpacks an archive to disk as a stream, with names that stay below the folder.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { createHash } from "node:crypto";
import {
  ARCHIVE_LIMITS,
  archiveError,
  EntryList,
} from "../data/archives/archive.ts";
import { withDiskErrors } from "../files/disk_error.ts";
import { isHidden } from "../data/source.ts";
import {
  fileBytes,
  readRange,
  type StoredBytes,
} from "../files/stored_bytes.ts";
import { readTar, type TarCompression } from "../data/archives/tar_stream.ts";
import { openZip } from "../data/archives/zip.ts";
import { assertRoom, type FreeBytes } from "./transfer/disk_space.ts";
import type { Measured } from "./transfer/expectation.ts";
import type { FileRecord } from "./file_record.ts";

/** Options of {@linkcode unpack}. */
export interface UnpackOptions {
  /** Stops the unpacking. */
  readonly signal?: AbortSignal;
  /** Finds the room on the disk. */
  readonly free?: FreeBytes;
  /** Called with the bytes of the archive read so far, and all. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/**
 * How much larger the files of an archive may be than the archive. Images
 * hardly shrink; masks of one colour shrink to a hundredth, and are few.
 */
const MOST_GROWTH = 20;
/** Small archives may hold more. */
const LEAST_BYTES = 2 ** 28;

interface PackedFile {
  readonly path: string;
  readonly read: () => Promise<Uint8Array>;
}

/** The same bytes; each chunk that is read is counted. */
function counted(
  bytes: StoredBytes,
  onBytes: (count: number) => void,
): StoredBytes {
  return {
    ...bytes,
    open: (range) =>
      bytes.open(range).pipeThrough(
        new TransformStream({
          transform(chunk, controller) {
            onBytes(chunk.length);
            controller.enqueue(chunk);
          },
        }),
      ),
  };
}

async function* filesOfTar(
  bytes: StoredBytes,
  compression: TarCompression,
): AsyncGenerator<PackedFile> {
  const list = new EntryList(bytes.location, ARCHIVE_LIMITS);
  for await (const { name, kind, size, read } of readTar(bytes, compression)) {
    const path = list.add(name, kind);
    if (kind !== "file" || isHidden(path)) continue;
    if (size > ARCHIVE_LIMITS.fileBytes) {
      const must =
        `${path} must have at most ${ARCHIVE_LIMITS.fileBytes} bytes`;
      throw archiveError(bytes.location, must, size);
    }
    yield { path, read };
  }
}

async function* filesOfZip(bytes: StoredBytes): AsyncGenerator<PackedFile> {
  const options = { followsLinks: false };
  const source = await openZip(bytes, ARCHIVE_LIMITS, options);
  yield* source.each(new Set(source.files));
}

async function filesOf(
  bytes: StoredBytes,
): Promise<AsyncGenerator<PackedFile>> {
  const head = await readRange(bytes, { start: 0, end: 512 });
  const text = String.fromCharCode(...head);
  if (text.startsWith("PK")) return filesOfZip(bytes);
  if (text.startsWith("\x1f\x8b")) return filesOfTar(bytes, "gzip");
  if (text.startsWith("\xfd7zXZ\0")) return filesOfTar(bytes, "xz");
  if (text.startsWith("ustar", 257)) return filesOfTar(bytes, "none");
  const must = "it must be a .zip, .tar, .tar.gz or .tar.xz file";
  throw archiveError(bytes.location, must, text.slice(0, 16));
}

/** What the system says where a name is a file and a folder. */
const BOTH = [
  Deno.errors.AlreadyExists,
  Deno.errors.IsADirectory,
  Deno.errors.NotADirectory,
];

async function write(path: string, data: Uint8Array): Promise<Measured> {
  const folder = dirname(path);
  await withDiskErrors(path, Deno.mkdir(folder, { recursive: true }));
  await withDiskErrors(path, Deno.writeFile(path, data));
  const sha256 = createHash("sha256").update(data).digest("hex");
  return { size: data.length, sha256 };
}

/**
 * Unpacks an archive without its hidden files. If it fails, the files unpacked
 * so far stay, so the caller removes the folder.
 *
 * @param archive Path of a .zip, .tar, .tar.gz or .tar.xz file.
 * @param folder Where to; it must exist.
 * @throws {DataSetError} If the archive is damaged, is of another kind, or has
 * an entry that is unsafe, no file or folder, or there twice.
 * @throws {DiskError} If the disk cannot hold it.
 */
export async function unpack(
  archive: string,
  folder: string,
  { signal, free, onProgress }: UnpackOptions = {},
): Promise<FileRecord> {
  let read = 0;
  const bytes = await fileBytes(archive);
  const { size } = bytes;
  const assertRoomFor = (bytes: number) =>
    assertRoom(folder, { what: folder, bytes, ...free && { free } });
  await assertRoomFor(size);
  const source = counted(bytes, (count) => {
    read += count;
    onProgress?.(Math.min(read, size), size);
  });
  const files = new Map<string, Measured>();
  const most = MOST_GROWTH * size + LEAST_BYTES;
  let written = 0;
  for await (const { path, read } of await filesOf(source)) {
    signal?.throwIfAborted();
    const data = await read();
    written += data.length;
    if (written > most) {
      const must = `its files must have at most ${most} bytes together`;
      throw archiveError(bytes.location, must, "more");
    }
    // A small archive can hold files of any size.
    await assertRoomFor(data.length);
    const measured = write(join(folder, path), data).catch((error) => {
      if (!BOTH.some((kind) => error instanceof kind)) throw error;
      const must = "each name in it must be a file or a folder";
      throw archiveError(bytes.location, must, path);
    });
    files.set(path, await measured);
  }
  return files;
}
