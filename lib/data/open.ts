/**
 * Opens a data set by its location, whatever its layout and packing.
 *
 * @module
 */
import type { DecodeOptions } from "../image/decode.ts";
import { openFolder } from "./folder.ts";
import { openIndexed } from "./index_file.ts";
import { type Item, layoutError } from "./layouts/layout.ts";
import { toSample } from "./lazy_sample.ts";
import {
  assertListingOptions,
  type ListingOptions,
  listSource,
  type SourceListing,
  takeListing,
} from "./listing.ts";
import { isListName } from "./lists/list_file.ts";
import { imagePaths, openImages, openList } from "./lists/open_list.ts";
import { maskFiles } from "./mask_part.ts";
import { type DataSet, DataSetError, type Sample } from "./sample.ts";
import { isImageName, type Source } from "./source.ts";
import {
  fileBytes,
  readRange,
  type StoredBytes,
} from "../files/stored_bytes.ts";
import { openTar } from "./archives/tar.ts";
import { openZip } from "./archives/zip.ts";

/** Options of {@linkcode openDataSet} and {@linkcode openArchive}. */
export interface DataSetOptions extends DecodeOptions, ListingOptions {}

/** Files, and the images taken of them. */
interface Opened {
  readonly source: Source;
  readonly listing: SourceListing;
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
    "it must be a folder, a .zip, .tar, .tar.gz or .tar.xz archive, a list (.csv, .jsonl) or an image",
    "a file of another kind",
  );
}

function notThere(location: string, cause: unknown): DataSetError {
  return new DataSetError(
    `Cannot open the data set at ${location} as there must be a folder or an archive: nothing was found`,
    { cause },
  );
}

async function isFolder(location: string): Promise<boolean> {
  try {
    return (await Deno.stat(location)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Opens a folder, or what an archive holds.
 *
 * @param location Its path.
 * @returns Its files.
 * @throws {DataSetError} If there is nothing there, or an archive that is
 * damaged or unsafe.
 */
export async function openSource(location: string): Promise<Source> {
  if (await isFolder(location)) {
    return await openIndexed(location) ?? await openFolder(location);
  }
  if (await imagePaths(location) === null) throw notThere(location, undefined);
  return await openArchiveSource(await fileBytes(location));
}

/** Lists what lies at a location: a folder, an archive, a list, images. */
async function openLocation(
  location: string,
  options: DataSetOptions,
): Promise<Opened> {
  const list = async (source: Source): Promise<Opened> => ({
    source,
    listing: await listSource(source, options),
  });
  if (await isFolder(location)) return await list(await openSource(location));
  const paths = await imagePaths(location);
  if (paths === null) throw notThere(location, undefined);
  const { split = "test", object = "object" } = options;
  const isImages = paths.every(isImageName);
  if (!isImages && !isListName(location)) {
    return await list(await openSource(location));
  }
  const opened = isImages
    ? openImages(paths, object)
    : await openList(location, { ...options, split, object });
  const { source } = opened;
  return { source, listing: takeListing(source, opened.listing, options) };
}

async function* samplesOf(
  source: Source,
  items: ReadonlyMap<string, Item>,
  options: { root: string; decode: DecodeOptions },
): AsyncGenerator<Sample> {
  const prefix = options.root === "" ? "" : `${options.root}/`;
  for await (const { path, read } of source.each(new Set(items.keys()))) {
    const item = items.get(path)!;
    const mask = (path: string) => source.read(prefix + path);
    yield toSample(item, { image: read, mask }, options.decode);
  }
}

async function toDataSet(
  { source, listing }: Opened,
  options: DataSetOptions,
): Promise<DataSet> {
  const { categories, items, root, reading } = listing;
  const prefix = root === "" ? "" : `${root}/`;
  const byPath = new Map(items.map((item) => [prefix + item.key, item]));
  const masks = items.flatMap(({ masks }) => maskFiles(masks));
  await source.keep(new Set(masks.map((mask) => prefix + mask)));
  return {
    name: source.name,
    categories,
    reading,
    size: items.length,
    samples: () => samplesOf(source, byPath, { root, decode: options }),
  };
}

/**
 * Opens a folder, an archive, a list or images as a data set.
 *
 * The layout is recognised: a list of the field's, a public data set, folders
 * of good and defective products, or plain folders without labels. The index
 * that a download leaves in a folder spares its scan. Archives (.zip, .tar,
 * .tar.gz, .tar.xz) are read as they are; nothing is unpacked to disk, and a
 * folder that wraps all of an archive is not part of the keys. Hidden files are
 * passed over.
 *
 * Categories without images stay in {@linkcode DataSet.categories}, so that
 * whoever reports on the data set can name them. Masks are paired by name.
 * {@linkcode DataSet.reading} says how all was read, and what was not.
 *
 * @param location Path of the folder, archive, list or image; of images also
 * several paths with commas between them.
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
  assertListingOptions(options);
  return await toDataSet(await openLocation(location, options), options);
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
  assertListingOptions(options);
  const source = await openArchiveSource(bytes);
  const listing = await listSource(source, options);
  return await toDataSet({ source, listing }, options);
}
