/**
 * Files that may be missing.
 *
 * @module
 */

import { readPlainText } from "./plain_file.ts";

/**
 * Whether an error says that there is no file or folder at a path, or a link
 * that leads to itself.
 */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop;
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

/** Looks up a file or folder; undefined where there is none. */
export async function statIfThere(
  path: string,
): Promise<Deno.FileInfo | undefined> {
  return await Deno.stat(path).catch(unlessMissing);
}

/** Looks up a file, a folder or a link itself; undefined where there is none. */
export async function linkIfThere(
  path: string,
): Promise<Deno.FileInfo | undefined> {
  return await Deno.lstat(path).catch(unlessMissing);
}

/** Whether there is a file or folder at a path. */
export async function isThere(path: string): Promise<boolean> {
  return await statIfThere(path) !== undefined;
}

/** Whether an entry of a folder is a folder, or a link that leads to one. */
export async function isFolder(
  entry: Deno.DirEntry,
  path: string,
): Promise<boolean> {
  if (!entry.isSymlink) return entry.isDirectory;
  return (await statIfThere(path))?.isDirectory ?? false;
}

/** Reads a text file; undefined where there is none. */
export async function readTextIfThere(
  path: string,
): Promise<string | undefined> {
  return await readPlainText(path).catch(unlessMissing);
}

/** Removes a file, or a folder with all that is in it, if it is there. */
export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(unlessMissing);
}
