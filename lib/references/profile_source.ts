/**
 * Where the files of a profile lie: in a folder, or in a .zip archive of it.
 *
 * @module
 */
import { importLate } from "../async/import_late.ts";
import { join } from "node:path";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { DataSetError } from "../data/sample.ts";
import { fileBytes } from "../files/stored_bytes.ts";
import { PlainFileError, readPlainFile } from "../files/plain_file.ts";

/** The files of a profile. */
export interface ProfileSource {
  /** What errors call a file. */
  pathOf(name: string): string;
  /**
   * Reads a file.
   *
   * @throws {ModelError} If there is none of that name.
   */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

function folderSource(path: string): ProfileSource {
  return {
    pathOf: (name) => join(path, name),
    async read(name) {
      try {
        return await readPlainFile(join(path, name));
      } catch (error) {
        if (error instanceof PlainFileError) {
          cannotLoad(join(path, name), error.reason);
        }
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        cannotLoad(join(path, name), "there is no such file");
      }
    },
  };
}

/** Archives mostly wrap what they hold in one folder. */
async function archiveSource(
  path: string,
  main: string,
): Promise<ProfileSource> {
  // lib/data/open.ts would load the image library, for which not every verb has
  // permission.
  const address = new URL("../data/archives/zip.ts", import.meta.url);
  const { openZip } = await importLate<
    typeof import("../data/archives/zip.ts")
  >(address);
  const source = await openZip(await fileBytes(path));
  const found = source.files.find((file) =>
    file === main || file.endsWith(`/${main}`)
  );
  if (found === undefined) cannotLoad(path, `it must hold ${main}`);
  const prefix = found.slice(0, found.length - main.length);
  return {
    pathOf: (name) => `${path}, ${prefix}${name}`,
    async read(name) {
      const file = `${prefix}${name}`;
      if (source.files.includes(file)) {
        return new Uint8Array(await source.read(file));
      }
      cannotLoad(`${path}, ${file}`, "there is no such file");
    },
  };
}

/**
 * Finds the files of a profile.
 *
 * @param path A folder, or a .zip archive of one.
 * @param main The file that makes it a profile.
 * @throws {ModelError} If an archive cannot be read, or does not have that file.
 */
export async function openProfileSource(
  path: string,
  main: string,
): Promise<ProfileSource> {
  if (!/\.zip$/i.test(path)) return folderSource(path);
  try {
    return await archiveSource(path, main);
  } catch (error) {
    if (error instanceof DataSetError) cannotLoad(path, error.message);
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    cannotLoad(path, "there is no such file");
  }
}
