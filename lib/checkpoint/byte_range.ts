/**
 * Reads parts of files, with every failure reported as a ModelError.
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";

/** A part of a file. */
export interface ByteRange {
  /** What errors call the file. */
  readonly path: string;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly byteLength: number;
}

/**
 * Opens a file to read.
 *
 * @throws {ModelError} If it is missing or cannot be opened.
 */
export async function openForReading(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      cannotLoad(path, "there is no such file");
    }
    const reason = error instanceof Error ? error.message : String(error);
    cannotLoad(path, `it cannot be opened: ${reason}`);
  }
}

/**
 * Opens a regular file to read, and gives its size too.
 *
 * @throws {ModelError} If it is missing, cannot be opened or is something else.
 */
export async function openRegularFile(
  path: string,
): Promise<{ readonly file: Deno.FsFile; readonly size: number }> {
  const file = await openForReading(path);
  const { isFile, size } = await file.stat();
  if (isFile) return { file, size };
  file.close();
  cannotLoad(path, "it is not a file");
}

/**
 * Reads a part of a file.
 *
 * @param file The opened file; its position moves.
 * @param range Which part.
 * @param target Where the bytes go; as long as the range.
 * @throws {ModelError} If the file ends before.
 */
export async function readInto(
  file: Deno.FsFile,
  range: Omit<ByteRange, "byteLength">,
  target: Uint8Array,
): Promise<void> {
  await file.seek(range.offset, Deno.SeekMode.Start);
  for (let filled = 0; filled < target.length;) {
    const count = await file.read(target.subarray(filled));
    if (count === null) {
      cannotLoad(range.path, "the file ends before its data does");
    }
    filled += count;
  }
}

/**
 * Reads a part of a file into fresh memory.
 *
 * @throws {ModelError} If the file ends before.
 */
export async function readRange(
  file: Deno.FsFile,
  range: ByteRange,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(range.byteLength);
  await readInto(file, range, bytes);
  return bytes;
}
