/**
 * Files that appear under their names only when they are complete.
 *
 * @module
 */

/** Writes all bytes at the file's position. */
export async function writeAll(
  file: Deno.FsFile,
  bytes: Uint8Array,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await file.write(bytes.subarray(done));
  }
}

/**
 * Writes a file under a temporary name beside its own, and renames it when
 * `write` is done and the bytes are on the disk. An existing file is replaced.
 */
export async function writeWhole(
  path: string,
  write: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  const unfinished = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    using file = await Deno.open(unfinished, { write: true, createNew: true });
    await write(file);
    await file.syncData();
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    throw error;
  }
}
