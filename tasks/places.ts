/**
 * Where a run may write.
 *
 * @module
 */
import { basename, dirname, join, relative, resolve } from "node:path";
import { isMissing, statIfThere } from "../lib/files/is_there.ts";
import { UsageError } from "./cli/usage_error.ts";

/** The real path of what exists of a path, and the rest of it. */
async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    const parent = dirname(path);
    if (!isMissing(error) || parent === path) throw error;
    return join(await realPath(parent), basename(path));
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await statIfThere(path))?.isFile ?? false;
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !/^\.\.[\\/]/.test(way));
}

function mustBeFolder(out: string): string {
  return `Cannot write results to ${out} as it must be a folder`;
}

/**
 * Refuses a file as the folder for results.
 *
 * @param out The folder for results.
 * @throws {UsageError} If it is a file.
 */
export async function assertOutFolder(out: string): Promise<void> {
  if (await isFile(out)) throw new UsageError(mustBeFolder(out));
}

/**
 * Tells what is wrong with writing results to a folder.
 *
 * @param out The folder for results.
 * @param data The folder or file that is read.
 * @returns A sentence, or `undefined` where nothing is wrong.
 */
export async function complaintAboutOut(
  out: string,
  data: string,
): Promise<string | undefined> {
  if (await isFile(out)) return mustBeFolder(out);
  const target = await realPath(resolve(out));
  const source = await realPath(resolve(data));
  if (isWithin(target, source)) {
    return `Cannot write results to ${out} as it must lie outside the data, ${data}`;
  }
  const emptied = ["maps", "heatmaps", "overlays", "masks"].map((name) =>
    join(target, name)
  );
  return emptied.some((folder) => isWithin(source, folder))
    ? `Cannot write results to ${out} as that would remove the data, ${data}`
    : undefined;
}
