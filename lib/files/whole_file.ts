/**
 * Files that appear under their names only when they are complete.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { diskError } from "./disk_error.ts";
import { removeIfThere, statIfThere } from "./is_there.ts";

/** What a file is to hold: bytes, or a function that writes them. */
export type FileContent =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | ((file: Deno.FsFile) => Promise<void>);

const TEMPORARY = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

/**
 * Whether a file is one that {@linkcode makeWhole} was making. A process that
 * is killed leaves it behind.
 *
 * @param name The file's name, without folders.
 */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * Removes what killed processes left in a folder.
 *
 * @param seconds How long nobody must have written to a file; 0 where no other
 * process writes to the folder.
 */
export async function removeTemporaries(
  folder: string,
  seconds = 0,
): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!isTemporary(name)) continue;
    const path = join(folder, name);
    const written = (await statIfThere(path))?.mtime?.getTime() ?? 0;
    const age = (Date.now() - written) / 1000;
    if (age >= seconds) await removeIfThere(path);
  }
}

/** Writes all bytes at the file's position. */
export async function writeAll(
  file: Deno.FsFile,
  bytes: Uint8Array,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await file.write(bytes.subarray(done));
  }
}

async function writeContent(
  file: Deno.FsFile,
  content: FileContent,
): Promise<void> {
  if (typeof content === "function") return await content(file);
  if (typeof content === "string") {
    return await writeAll(file, new TextEncoder().encode(content));
  }
  if (content instanceof Uint8Array) return await writeAll(file, content);
  for await (const chunk of content) await writeAll(file, chunk);
}

/**
 * Writes a new file and waits until its bytes are on the disk.
 *
 * @throws {Deno.errors.AlreadyExists} If there is one.
 */
export async function writeNew(
  path: string,
  content: FileContent,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  await writeContent(file, content);
  await file.syncData();
}

/**
 * Waits until the names in a folder are on the disk, so that a renamed file
 * outlives a power cut. Systems without this, such as Windows, need none of it.
 */
export async function syncFolder(folder: string): Promise<void> {
  try {
    using opened = await Deno.open(folder);
    await opened.sync();
  } catch {
    // The file itself is written; only its name may be lost.
  }
}

/**
 * Makes a file under a temporary name in its own folder, and gives it its own
 * name when it is complete. An existing file is replaced. The temporary name
 * is new each time, so two processes do not share one, and short, so a file may
 * have any name that the file system allows. It is removed on failure.
 *
 * @param path The file; its folder must exist.
 * @param make Makes the file at the temporary path.
 * @param place Gives the file at the first path the second path.
 * @throws {DiskError} If the disk cannot hold it.
 */
export async function makeWhole(
  path: string,
  make: (temporary: string) => Promise<void>,
  place: (temporary: string, path: string) => Promise<void> = Deno.rename,
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${crypto.randomUUID()}.part`);
  try {
    await make(temporary);
    await place(temporary, path);
  } catch (error) {
    throw diskError(error, path);
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
  await syncFolder(folder);
}

/**
 * Writes a file, or replaces it: after a crash or a power cut there is the old
 * file or the new one, whole.
 *
 * @param path The file; its folder must exist.
 * @throws {DiskError} If the disk cannot hold it.
 */
export async function writeWhole(
  path: string,
  content: FileContent,
): Promise<void> {
  await makeWhole(path, (temporary) => writeNew(temporary, content));
}

/**
 * Writes a value as indented JSON, as {@linkcode writeWhole} does.
 *
 * @param path The file; its folder must exist.
 * @throws {DiskError} If the disk cannot hold it.
 */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}
