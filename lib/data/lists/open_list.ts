/**
 * A list, or images themselves, as a data set on disk.
 *
 * @module
 */
import {
  basename,
  dirname,
  isAbsolute,
  join,
  relative,
  resolve,
} from "node:path";
import { fileURLToPath } from "node:url";
import { readPlainFile } from "../../files/plain_file.ts";
import type { RootedListing } from "../layouts/detect_layout.ts";
import {
  type Item,
  layoutError,
  type LayoutOptions,
} from "../layouts/layout.ts";
import { tidyPath } from "../layouts/listed.ts";
import { DataSetError } from "../sample.ts";
import { eachOf, type Source } from "../source.ts";
import { entriesOfSplit } from "./entries_of_split.ts";
import type { ListEntry } from "./entry_reader.ts";
import { parseList } from "./list_file.ts";

/** Files of anywhere, and what is known of them. */
export interface OpenedFiles {
  /** The files, by keys. */
  readonly source: Source;
  /** The images. */
  readonly listing: RootedListing;
}

/** Files that keys lead to. */
function filesSource(
  location: string,
  name: string,
  files: ReadonlyMap<string, string>,
): Source {
  const read = (key: string) => readPlainFile(files.get(key)!);
  return {
    location,
    kind: "folder",
    name,
    files: [...files.keys()].sort(),
    folders: [],
    read,
    keep: () => Promise.resolve(),
    each: (paths) => eachOf(paths, read),
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function assertLocal(list: string, uri: string): void {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(uri) || uri.startsWith("file:")) return;
  throw new DataSetError(
    `Cannot read the list ${list} as its images must lie on this machine (deno task score takes others): current value is ${uri}`,
  );
}

/** `images\1.png` of Windows is taken as a path where there is no such file. */
async function pathOf(list: string, uri: string): Promise<string> {
  assertLocal(list, uri);
  const base = dirname(resolve(list));
  const path = uri.startsWith("file:") ? fileURLToPath(uri) : uri;
  const own = isAbsolute(path) ? path : join(base, path);
  const tidy = path.includes("\\") ? join(base, tidyPath(path)) : own;
  // Systems write `é` as one character or two, and lists come from other ones.
  const forms = new Set([own, tidy].flatMap((one) => [
    one,
    one.normalize("NFC"),
    one.normalize("NFD"),
  ]));
  // Most paths have one form, and lists have millions of them.
  if (forms.size === 1) return own;
  for (const form of forms) if (await isFile(form)) return form;
  return tidy;
}

/** The path below the list, or the whole one without its start. */
function keyOf(list: string, path: string): string {
  const below = relative(dirname(resolve(list)), path).replaceAll("\\", "/");
  return below.startsWith("../") || isAbsolute(below)
    ? path.replaceAll("\\", "/").replace(/^([a-z]:)?\/+/i, "")
    : below;
}

async function toItem(
  list: string,
  entry: ListEntry,
  { files, object }: {
    readonly files: Map<string, string>;
    readonly object: string;
  },
): Promise<Item> {
  const add = async (uri: string): Promise<string> => {
    const path = await pathOf(list, uri);
    const key = keyOf(list, path);
    files.set(key, path);
    return key;
  };
  const { category, label, defect } = entry;
  return {
    key: await add(entry.uri),
    category: category ?? object,
    label,
    defect,
    masks: label === 1 ? await Promise.all(entry.masks.map(add)) : [],
  };
}

/**
 * Opens a list on disk.
 *
 * @param list Its path.
 * @param options The part to read, and how to read labels.
 * @returns The images that it names.
 * @throws {DataSetError} If it is not as it must be.
 */
export async function openList(
  list: string,
  options: LayoutOptions,
): Promise<OpenedFiles> {
  const all = parseList(list, await readPlainFile(list), options);
  const { entries, notes } = entriesOfSplit(all, options.split);
  const files = new Map<string, string>();
  const items: Item[] = [];
  for (const entry of entries) {
    items.push(await toItem(list, entry, { ...options, files }));
  }
  const categories = new Set(items.map(({ category }) => category));
  return {
    source: filesSource(list, basename(list).replace(/\.\w+$/, ""), files),
    listing: {
      root: "",
      layout: "a list",
      categories: [...categories].sort(),
      items,
      notes,
    },
  };
}

/** Keys of files: their names, or as much of their paths as tells them apart. */
function keysOf(paths: readonly string[]): string[] {
  for (let depth = 1; depth <= 16; depth++) {
    const keys = paths.map((path) =>
      resolve(path).replaceAll("\\", "/").split("/").slice(-depth).join("/")
    );
    if (new Set(keys).size === keys.length) return keys;
  }
  throw layoutError(
    paths.join(","),
    "each image must be named once",
    "one twice",
  );
}

/**
 * Opens images that are named one by one.
 *
 * @param paths Their paths.
 * @param object What they show.
 * @returns The images, without labels.
 * @throws {DataSetError} If one is named twice.
 */
export function openImages(
  paths: readonly string[],
  object: string,
): OpenedFiles {
  const keys = keysOf(paths);
  const files = new Map(keys.map((key, i) => [key, paths[i]!]));
  const items = keys.map((key): Item => ({
    key,
    category: object,
    label: null,
    defect: null,
    masks: [],
  }));
  const name = paths.length === 1 ? basename(paths[0]!) : "images";
  return {
    source: filesSource(paths.join(","), name, files),
    listing: { root: "", layout: "images", categories: [object], items },
  };
}

/**
 * The paths that a location names, where it names images.
 *
 * @param location One path, or several with commas between them.
 * @returns The paths; null where not all of them are files.
 */
export async function imagePaths(location: string): Promise<string[] | null> {
  if (await isFile(location)) return [location];
  const paths = location.split(",").filter((path) => path !== "");
  for (const path of paths) if (!await isFile(path)) return null;
  return paths.length > 1 ? paths : null;
}
