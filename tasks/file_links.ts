/**
 * Links from a report to the files of images.
 *
 * @module
 */
import { join, relative, resolve, sep } from "node:path";

function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Finds the files of images, as seen from the folder of results.
 *
 * @param data The folder of images; anything else has no files to link to.
 * @param out The folder for results.
 * @returns The address of an image's file by its key; undefined if there is no
 * such file.
 */
export function fileLinks(
  data: string,
  out: string,
): (key: string) => string | undefined {
  const way = relative(resolve(out), resolve(data));
  return (key) => {
    if (!isThere(join(data, key))) return undefined;
    return [...way.split(sep), ...key.split("/")]
      .map(encodeURIComponent).join("/");
  };
}
