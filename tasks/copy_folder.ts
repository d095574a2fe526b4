/**
 * A folder of objects, copied to disk.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { assertInside } from "../lib/evaluation/output_folder.ts";
import { isMissing } from "../lib/files/is_there.ts";
import { writeWhole } from "../lib/files/whole_file.ts";
import type {
  ObjectInfo,
  ObjectStore,
  StoreOptions,
} from "../lib/storage/object_store.ts";

/** Beside a file: the tag of the object that it is a copy of. */
const TAG = ".etag";

async function isCopied(path: string, info: ObjectInfo): Promise<boolean> {
  try {
    const { size } = await Deno.stat(path);
    const tag = await Deno.readTextFile(tagPath(path));
    return size === info.size && tag === info.etag;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Hidden, so that it is no file of the folder. */
function tagPath(path: string): string {
  return join(dirname(path), `.${path.split("/").at(-1)}${TAG}`);
}

async function copy(
  store: ObjectStore,
  { key, etag, size: maxBytes }: ObjectInfo,
  path: string,
  options: StoreOptions,
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const stream = await store.stream(key, { ...options, maxBytes });
  await writeWhole(path, stream);
  await writeWhole(tagPath(path), etag);
}

/**
 * Copies all objects of a store. What was copied before is not copied again,
 * and each file appears only when it is whole.
 *
 * @param store The objects.
 * @param folder Where to.
 * @returns How many objects there are.
 */
export async function copyFolder(
  store: ObjectStore,
  folder: string,
  options: StoreOptions = {},
): Promise<number> {
  let count = 0;
  for await (const info of store.list("", options)) {
    if (info.key.endsWith("/")) continue;
    assertInside(info.key);
    const path = join(folder, info.key);
    if (!await isCopied(path, info)) await copy(store, info, path, options);
    count++;
  }
  return count;
}
