/**
 * A folder on disk as a source.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import { statIfThere } from "../files/is_there.ts";
import { DataSetError } from "./sample.ts";
import { eachOf, isHidden, type Source } from "./source.ts";

interface Found {
  readonly files: string[];
  readonly folders: string[];
}

async function kindOf(
  entry: Deno.DirEntry,
  path: string,
): Promise<"file" | "folder" | "other"> {
  if (!entry.isSymlink) {
    return entry.isDirectory ? "folder" : entry.isFile ? "file" : "other";
  }
  const target = await statIfThere(path);
  return target?.isDirectory ? "folder" : target?.isFile ? "file" : "other";
}

/** Follows links to folders, but not into a folder it is already in. */
async function collect(
  root: string,
  below: string,
  state: { found: Found; open: readonly string[] },
): Promise<void> {
  const folder = join(root, below);
  const real = await Deno.realPath(folder);
  if (state.open.includes(real)) return;
  if (below !== "") state.found.folders.push(below);
  const open = [...state.open, real];
  for await (const entry of Deno.readDir(folder)) {
    if (isHidden(entry.name)) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    const kind = await kindOf(entry, join(root, path));
    if (kind === "file") state.found.files.push(path);
    if (kind === "folder") {
      await collect(root, path, { found: state.found, open });
    }
  }
}

/**
 * Lists a folder, links followed.
 *
 * @param location The folder's path.
 * @returns Its files as a source.
 * @throws {DataSetError} If a folder in it cannot be read.
 */
export async function openFolder(location: string): Promise<Source> {
  const found: Found = { files: [], folders: [] };
  try {
    await collect(location, "", { found, open: [] });
  } catch (error) {
    throw new DataSetError(
      `Cannot open the data set at ${location} as its folders must be readable: ${
        error instanceof Error ? error.message : error
      }`,
      { cause: error },
    );
  }
  const read = (path: string) => Deno.readFile(join(location, path));
  return {
    location,
    kind: "folder",
    name: basename(resolve(location)),
    files: found.files.sort(),
    folders: found.folders.sort(),
    read,
    keep: () => Promise.resolve(),
    each: (paths) => eachOf(paths, read),
  };
}
