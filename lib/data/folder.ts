/**
 * A folder on disk as a source.
 *
 * @module
 */
import { basename, join, resolve } from "node:path";
import { isFolder } from "../files/is_there.ts";
import { readPlainFile } from "../files/plain_file.ts";
import { DataSetError } from "./sample.ts";
import { eachOf, isHidden, type Source } from "./source.ts";

interface Found {
  readonly files: string[];
  readonly folders: string[];
  /** Folders whose names cannot be read back. */
  readonly unread: string[];
}

/** Names in no known encoding come with marks in place of letters. */
function isGarbled(error: unknown, path: string): boolean {
  return error instanceof Deno.errors.NotFound && path.includes("\ufffd");
}

/** Follows links to folders, but not into a folder it is already in. */
async function collect(
  root: string,
  below: string,
  state: { readonly found: Found; readonly open: readonly string[] },
): Promise<void> {
  const { found } = state;
  const folder = join(root, below);
  const real = await Deno.realPath(folder);
  if (state.open.includes(real)) return;
  if (below !== "") found.folders.push(below);
  const open = [...state.open, real];
  for await (const entry of Deno.readDir(folder)) {
    if (isHidden(entry.name)) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    // A link to nothing, a pipe or a device cannot be read, and is told so.
    if (!await isFolder(entry, join(root, path))) {
      found.files.push(path);
      continue;
    }
    try {
      await collect(root, path, { found, open });
    } catch (error) {
      if (!isGarbled(error, path)) throw error;
      found.unread.push(path);
    }
  }
}

function notesOf({ unread }: Found): string[] {
  if (unread.length === 0) return [];
  const [folders, names] = unread.length === 1
    ? ["1 folder is", "its name is"]
    : [`${unread.length} folders are`, "their names are"];
  return [
    `${folders} not read as ${names} not UTF-8: ${
      unread.slice(0, 3).join(", ")
    }`,
  ];
}

/**
 * Lists a folder, links followed.
 *
 * @param location The folder's path.
 * @returns Its files as a source.
 * @throws {DataSetError} If a folder in it cannot be read.
 */
export async function openFolder(location: string): Promise<Source> {
  const found: Found = { files: [], folders: [], unread: [] };
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
  const read = (path: string) => readPlainFile(join(location, path));
  return {
    location,
    kind: "folder",
    name: basename(resolve(location)),
    notes: notesOf(found),
    files: found.files.sort(),
    folders: found.folders.sort(),
    read,
    keep: () => Promise.resolve(),
    each: (paths) => eachOf(paths, read),
  };
}
