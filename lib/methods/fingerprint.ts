/**
 * The fingerprint of a model.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { MethodName } from "./method.ts";

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const { name } = entry;
    if (name.startsWith(".")) continue;
    const { isDirectory, isFile } = entry.isSymlink
      ? await Deno.stat(join(folder, name))
      : entry;
    if (isFile) files.push(name);
    if (!isDirectory) continue;
    const below = await filesBelow(join(folder, name));
    files.push(...below.map((path) => `${name}/${path}`));
  }
  return files.sort();
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/** Whether a file is weights or settings, and not a note beside them. */
function isOfModel(path: string): boolean {
  return !/\.(md|txt|ts)$/i.test(path) || path.endsWith("merges.txt");
}

/**
 * Hashes the files of a model directory. Two models with the same fingerprint
 * give the same maps.
 *
 * @param directory The model directory.
 * @param method The method that was asked for, if one was.
 * @returns A SHA-256 in hexadecimal.
 */
export async function fingerprint(
  directory: string,
  method?: MethodName,
): Promise<string> {
  const hash = createHash("sha256");
  if (method !== undefined) hash.update(`${method}\n`);
  for (const path of (await filesBelow(directory)).filter(isOfModel)) {
    const file = await hashFile(join(directory, path));
    hash.update(`${JSON.stringify(path)} ${file}\n`);
  }
  return hash.digest("hex");
}
