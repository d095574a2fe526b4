/**
 * The files below a folder, in the order in which a bucket would list them.
 *
 * @module
 */
import { join } from "node:path";
import { isMissing, isThere, statIfThere } from "../files/is_there.ts";
import { isTemporary } from "../files/whole_file.ts";
import { compareKeys } from "./keys.ts";
import type { ObjectInfo } from "./object_store.ts";

/** Whether a key names a file that is still being written. */
export function isPartial(key: string): boolean {
  return isTemporary(key.slice(key.lastIndexOf("/") + 1));
}

/**
 * What a file's record says of it as an object.
 *
 * @returns Its size, and a tag made of both its size and when it was written.
 */
export function infoOf(key: string, file: Deno.FileInfo): ObjectInfo {
  const parts = [file.size, file.mtime?.getTime() ?? 0];
  const etag = parts.map((part) => part.toString(16)).join("-");
  return { key, size: file.size, etag };
}

/** Where a walk goes and what it leaves out. */
interface Walk {
  readonly root: string;
  readonly prefix: string;
  readonly startAfter: string;
  readonly signal?: AbortSignal | undefined;
}

/** A file's key, or a folder's with `/` at its end. */
interface Entry {
  readonly key: string;
  readonly file: Deno.FileInfo;
}

/** Whether keys that start so, or are so, may be wanted. */
function isWanted(key: string, { prefix, startAfter }: Walk): boolean {
  const isFolder = key.endsWith("/");
  const fits = key.startsWith(prefix) || isFolder && prefix.startsWith(key);
  const isLater = compareKeys(key, startAfter) > 0 ||
    isFolder && startAfter.startsWith(key);
  return fits && isLater && !isPartial(key);
}

async function entriesOf(below: string, walk: Walk): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { name, isDirectory } of readDirIfThere(walk.root, below)) {
    const key = `${below}${name}${isDirectory ? "/" : ""}`;
    const mayFit = isWanted(key, walk) || isWanted(`${below}${name}/`, walk);
    const file = mayFit ? await statIfThere(join(walk.root, key)) : undefined;
    if (file === undefined || !file.isFile && !file.isDirectory) continue;
    const full = `${below}${name}${file.isDirectory ? "/" : ""}`;
    if (isWanted(full, walk)) entries.push({ key: full, file });
  }
  return entries.sort((a, b) => compareKeys(a.key, b.key));
}

async function* readDirIfThere(
  root: string,
  below: string,
): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(join(root, below));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function* walkFolder(
  below: string,
  open: readonly string[],
  walk: Walk,
): AsyncGenerator<ObjectInfo> {
  for (const { key, file } of await entriesOf(below, walk)) {
    walk.signal?.throwIfAborted();
    if (file.isFile) yield infoOf(key, file);
    else {
      const real = await Deno.realPath(join(walk.root, key));
      if (!open.includes(real)) yield* walkFolder(key, [...open, real], walk);
    }
  }
}

/**
 * Goes through the files below a folder in the order of their keys, one folder
 * in memory at a time. Links are followed, but not into a folder that the walk
 * is already in.
 *
 * @yields Each file.
 */
export async function* listFiles(walk: Walk): AsyncGenerator<ObjectInfo> {
  const below = walk.prefix.slice(0, walk.prefix.lastIndexOf("/") + 1);
  const folder = join(walk.root, below);
  if (!await isThere(folder)) return;
  yield* walkFolder(below, [await Deno.realPath(folder)], walk);
}
