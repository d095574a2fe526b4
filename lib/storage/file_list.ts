/**
 * The files below a folder, in the order in which a bucket would list them.
 *
 * @module
 */
import { join } from "node:path";
import {
  isFolder,
  isMissing,
  isThere,
  linkIfThere,
  statIfThere,
} from "../files/is_there.ts";
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

/** Files whose sizes are looked up at a time. */
const LOOKUPS = 32;

/** Whether keys that start so, or are so, may be wanted. */
function isWanted(key: string, { prefix, startAfter }: Walk): boolean {
  const isFolder = key.endsWith("/");
  const fits = key.startsWith(prefix) || isFolder && prefix.startsWith(key);
  const isLater = compareKeys(key, startAfter) > 0 ||
    isFolder && startAfter.startsWith(key);
  return fits && isLater && !isPartial(key);
}

/** The record of a file, or of a link that leads to none. */
async function recordOf(path: string): Promise<Deno.FileInfo | undefined> {
  return await statIfThere(path) ?? await linkIfThere(path);
}

/**
 * Keys of files, and of folders with `/` at their end, in order. A pipe, a
 * device and a link to nothing are listed as files: whoever reads them is told,
 * and nothing is passed over.
 */
async function keysIn(below: string, walk: Walk): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of readDirIfThere(walk.root, below)) {
    const key = `${below}${entry.name}`;
    if (!isWanted(key, walk) && !isWanted(`${key}/`, walk)) continue;
    const folder = await isFolder(entry, join(walk.root, key));
    const full = folder ? `${key}/` : key;
    if (isWanted(full, walk)) keys.push(full);
  }
  return keys.sort(compareKeys);
}

/** Looks files up, several at a time; those that are gone are left out. */
async function* lookUp(
  keys: readonly string[],
  { root, signal }: Walk,
): AsyncGenerator<ObjectInfo> {
  for (let i = 0; i < keys.length; i += LOOKUPS) {
    signal?.throwIfAborted();
    const found = await Promise.all(
      keys.slice(i, i + LOOKUPS).map(async (key) => {
        const file = await recordOf(join(root, key));
        return file && !file.isDirectory ? infoOf(key, file) : null;
      }),
    );
    for (const info of found) if (info !== null) yield info;
  }
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
  const keys = await keysIn(below, walk);
  let start = 0;
  while (start < keys.length) {
    walk.signal?.throwIfAborted();
    let end = start;
    while (end < keys.length && !keys[end]!.endsWith("/")) end++;
    yield* lookUp(keys.slice(start, end), walk);
    const folder = keys[end];
    if (folder !== undefined) {
      const real = await Deno.realPath(join(walk.root, folder));
      if (!open.includes(real)) {
        yield* walkFolder(folder, [...open, real], walk);
      }
    }
    start = end + 1;
  }
}

/**
 * Goes through the files below a folder in the order of their keys, the names of
 * one folder in memory at a time. Links are followed, but not into a folder that the walk
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
