/**
 * The one folder below which onnxruntime finds stored tensors.
 *
 * @module
 */
import { dirname, isAbsolute, relative } from "node:path";
import { ModelError } from "../checkpoint/model_error.ts";

/** The place of stored tensors, as onnxruntime needs it. */
export interface WeightsFolder {
  /** A folder that holds all files, however deep. */
  readonly path: string;
  /** Path of a file below it, with `/`. */
  locate(file: string): string;
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}

/** The nearest folder above all these files. */
function commonFolder(files: readonly string[]): string {
  const [first = ".", ...others] = files;
  let folder = dirname(first);
  for (const file of others) {
    while (!isWithin(file, folder)) {
      const parent = dirname(folder);
      if (parent === folder) {
        throw new ModelError(
          `Cannot use ${file} and ${first} together as they must lie on one ` +
            `drive`,
        );
      }
      folder = parent;
    }
  }
  return folder;
}

/**
 * Finds the nearest folder that holds all files of a model. Links are followed
 * first, since onnxruntime refuses those that lead out of the folder.
 *
 * @param files Paths of the files; they may repeat.
 * @returns The folder, and each file's place in it.
 * @throws {ModelError} If there is no such folder, as between two drives.
 */
export async function weightsFolder(
  files: Iterable<string>,
): Promise<WeightsFolder> {
  const names = [...new Set(files)];
  const real = new Map(
    await Promise.all(
      names.map(async (name) => [name, await Deno.realPath(name)] as const),
    ),
  );
  const path = commonFolder([...real.values()]);
  return {
    path,
    locate: (file) => relative(path, real.get(file)!).replaceAll("\\", "/"),
  };
}
