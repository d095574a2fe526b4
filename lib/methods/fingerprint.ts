/**
 * The fingerprint of a model.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { statIfThere } from "../files/is_there.ts";
import type { MethodName } from "./methods.ts";

/** Follows links to folders, but not into a folder it is already in. */
async function filesBelow(
  folder: string,
  open: readonly string[] = [],
): Promise<string[]> {
  const real = await Deno.realPath(folder);
  if (open.includes(real)) return [];
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const { name } = entry;
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    const found = entry.isSymlink ? await statIfThere(path) : entry;
    if (found === undefined) cannotLoad(path, "it is a link to nothing");
    if (found.isFile) files.push(name);
    if (!found.isDirectory) continue;
    const below = await filesBelow(path, [...open, real]);
    files.push(...below.map((file) => `${name}/${file}`));
  }
  return files.sort();
}

/** Bytes that are hashed at a time. */
const CHUNK_BYTES = 1 << 20;

async function hashFile(file: Deno.FsFile): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(CHUNK_BYTES);
  while (true) {
    const count = await file.read(buffer);
    if (count === null) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
  }
}

/** Whether a file is weights or settings, and not a note beside them. */
function isOfModel(path: string): boolean {
  return !/\.(md|txt|ts)$/i.test(path) || path.endsWith("merges.txt");
}

/**
 * Opens the files of a model directory, to hash them while other work goes on:
 * what takes their places until then does not count.
 *
 * @param directory The model directory.
 * @param method The method that was asked for, if one was.
 * @returns Hashes the files as {@linkcode fingerprint} does, and closes them. It
 * must be called, once.
 * @throws {ModelError} If a link in it leads to nothing.
 */
export async function openFingerprint(
  directory: string,
  method?: MethodName,
): Promise<() => Promise<string>> {
  using opening = new DisposableStack();
  const files: (readonly [path: string, file: Deno.FsFile])[] = [];
  for (const path of (await filesBelow(directory)).filter(isOfModel)) {
    files.push([path, opening.use(await Deno.open(join(directory, path)))]);
  }
  const opened = opening.move();
  return async () => {
    using _opened = opened;
    const hash = createHash("sha256");
    if (method !== undefined) hash.update(`${method}\n`);
    for (const [path, file] of files) {
      hash.update(`${JSON.stringify(path)} ${await hashFile(file)}\n`);
    }
    return hash.digest("hex");
  };
}

/**
 * Hashes the files of a model directory. Two models with the same fingerprint
 * give the same maps.
 *
 * @param directory The model directory.
 * @param method The method that was asked for, if one was.
 * @returns A SHA-256 in hexadecimal.
 * @throws {ModelError} If a link in it leads to nothing.
 */
export async function fingerprint(
  directory: string,
  method?: MethodName,
): Promise<string> {
  return await (await openFingerprint(directory, method))();
}
