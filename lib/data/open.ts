/**
 * Opens a data set by its location, whatever its layout and packing.
 *
 * @module
 */
import type { DecodeOptions } from "../image/decode.ts";
import { detectLayout, type RootedListing } from "./layouts/detect_layout.ts";
import { openFolder } from "./folder.ts";
import { openIndexed } from "./index_file.ts";
import { type Item, layoutError, type Split } from "./layouts/layout.ts";
import { toSample } from "./lazy_sample.ts";
import { type DataSet, DataSetError, type Sample } from "./sample.ts";
import type { Source } from "./source.ts";
import {
  fileBytes,
  readRange,
  type StoredBytes,
} from "../files/stored_bytes.ts";
import { openTar } from "./archives/tar.ts";
import { openZip } from "./archives/zip.ts";

/** Options of {@linkcode openDataSet} and {@linkcode openArchive}. */
export interface DataSetOptions extends DecodeOptions {
  /** Categories to take; all where none are given. */
  readonly categories?: readonly string[];
  /** Takes only this many samples, the first ones by key. */
  readonly limit?: number;
  /**
   * Category of images that lie in no folder.
   *
   * @default {"object"}
   */
  readonly object?: string;
  /**
   * The part of a labelled data set to take.
   *
   * @default {"test"}
   */
  readonly split?: Split;
}

const MAGIC_BYTES = 512;

/**
 * Opens what an archive holds, by its first bytes.
 *
 * @param bytes The archive's bytes, which are opened more than once.
 * @returns Its files.
 * @throws {DataSetError} If it is no archive, damaged or unsafe.
 */
export async function openArchiveSource(bytes: StoredBytes): Promise<Source> {
  const head = await readRange(bytes, { start: 0, end: MAGIC_BYTES });
  const text = String.fromCharCode(...head);
  if (text.startsWith("PK")) return openZip(bytes);
  if (text.startsWith("\x1f\x8b")) return openTar(bytes, "gzip");
  if (text.startsWith("\xfd7zXZ\0")) return openTar(bytes, "xz");
  if (text.startsWith("ustar", 257)) return openTar(bytes, "none");
  throw layoutError(
    bytes.location,
    "it must be a folder or a .zip, .tar, .tar.gz or .tar.xz archive",
    "a file of another kind",
  );
}

async function openSource(location: string): Promise<Source> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(location);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new DataSetError(
      `Cannot open the data set at ${location} as there must be a folder or an archive: nothing was found`,
      { cause: error },
    );
  }
  return info.isDirectory
    ? await openIndexed(location) ?? await openFolder(location)
    : await openArchiveSource(await fileBytes(location));
}

function byKey(a: Item, b: Item): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function assertOnce(location: string, items: readonly Item[]): void {
  const again = items.find(({ key }, i) => key === items[i - 1]?.key);
  if (again === undefined) return;
  throw layoutError(location, "each image must be listed once", again.key);
}

/** Applies the category filter and the limit. */
function select(
  location: string,
  listing: RootedListing,
  options: DataSetOptions,
): { categories: string[]; items: Item[] } {
  const { categories: wanted = listing.categories, limit = Infinity } = options;
  const unknown = wanted.find((name) => !listing.categories.includes(name));
  if (unknown !== undefined) {
    const must = `its categories must be among ${
      listing.categories.join(", ")
    }`;
    throw layoutError(location, must, unknown);
  }
  const all = listing.items.filter(({ category }) => wanted.includes(category))
    .sort(byKey);
  assertOnce(location, all);
  if (all.length === 0) {
    const value = wanted.length === 0
      ? "no image in any folder"
      : `no ${options.split ?? "test"} image in ${wanted.join(", ")}`;
    throw layoutError(location, "it must hold images", value);
  }
  const items = all.slice(0, limit);
  const filled = new Set(all.map(({ category }) => category));
  const taken = new Set(items.map(({ category }) => category));
  const categories = [...new Set(wanted)].sort()
    .filter((name) => taken.has(name) || !filled.has(name));
  return { categories, items };
}

async function* samplesOf(
  source: Source,
  items: ReadonlyMap<string, Item>,
  options: { root: string; decode: DecodeOptions },
): AsyncGenerator<Sample> {
  const prefix = options.root === "" ? "" : `${options.root}/`;
  for await (const { path, read } of source.each(new Set(items.keys()))) {
    const item = items.get(path)!;
    const mask = () => source.read(`${prefix}${item.mask}`);
    yield toSample(item, { image: read, mask }, options.decode);
  }
}

function assertOptions({ limit, object }: DataSetOptions): void {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new RangeError(
      `Cannot open a data set as its limit must be a positive integer: current value is ${limit}`,
    );
  }
  if (object === "") {
    throw new RangeError(
      "Cannot open a data set as the object must have a name: current value is empty",
    );
  }
}

/**
 * Lists the images of a source by the layout it has, as
 * {@linkcode openDataSet} does.
 *
 * @param source Files of whatever origin.
 * @param options What to take of them.
 * @returns The images, ordered by key (code units), and their categories.
 * @throws {DataSetError} If there is no image, an unknown category, or a
 * broken list.
 * @throws {RangeError} If an option is out of range.
 */
export async function listSource(
  source: Source,
  options: DataSetOptions = {},
): Promise<RootedListing> {
  assertOptions(options);
  const { split = "test", object = "object" } = options;
  const listing = await detectLayout(source, { split, object });
  const { root } = listing;
  return { ...select(source.location, listing, options), root };
}

async function toDataSet(
  source: Source,
  options: DataSetOptions,
): Promise<DataSet> {
  const { categories, items, root } = await listSource(source, options);
  const prefix = root === "" ? "" : `${root}/`;
  const byPath = new Map(items.map((item) => [prefix + item.key, item]));
  const masks = items.map(({ mask }) => mask).filter((mask) => mask !== null);
  await source.keep(new Set(masks.map((mask) => prefix + mask)));
  return {
    name: source.name,
    categories,
    size: items.length,
    samples: () => samplesOf(source, byPath, { root, decode: options }),
  };
}

/**
 * Opens a folder or an archive as a data set.
 *
 * The layout is recognised: a `meta.json` list, VisA with its `split_csv`,
 * MVTec AD (also as one category's folder, and as VisA's prepared form), BTAD,
 * DAGM, KolektorSDD, or plain folders without labels. The index that a download
 * leaves in a folder spares its scan. Archives (.zip, .tar, .tar.gz, .tar.xz) are
 * read as they are; nothing is unpacked to disk, and a folder that wraps all
 * of an archive is not part of the keys. Hidden files are passed over.
 *
 * Categories without images stay in {@linkcode DataSet.categories}, so that
 * whoever reports on the data set can name them. Masks are paired by name, in
 * MVTec AD else by position; an image whose mask is missing has none.
 *
 * @param location Path of the folder or archive.
 * @param options What to take of it, and how to decode it.
 * @returns The data set, listed.
 * @throws {DataSetError} If there is nothing there, no image, an unknown
 * category, a broken list, or an archive that is damaged or unsafe.
 * @throws {RangeError} If an option is out of range.
 */
export async function openDataSet(
  location: string,
  options: DataSetOptions = {},
): Promise<DataSet> {
  assertOptions(options);
  return await toDataSet(await openSource(location), options);
}

/**
 * Opens an archive that is not a file, such as an object in a store.
 *
 * @param bytes The archive's bytes, which are opened more than once.
 * @param options As for {@linkcode openDataSet}.
 * @returns The data set, listed.
 * @throws {DataSetError} As {@linkcode openDataSet}.
 * @throws {RangeError} If an option is out of range.
 */
export async function openArchive(
  bytes: StoredBytes,
  options: DataSetOptions = {},
): Promise<DataSet> {
  assertOptions(options);
  return await toDataSet(await openArchiveSource(bytes), options);
}
