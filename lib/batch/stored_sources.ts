/**
 * Folders and archives in a store, as sources of a data set.
 *
 * @module
 */
import { openArchiveSource } from "../data/open.ts";
import { DataSetError } from "../data/sample.ts";
import { eachOf, isHidden, parentsOf, type Source } from "../data/source.ts";
import type { StoredBytes } from "../data/stored_bytes.ts";
import {
  type ObjectInfo,
  type ObjectStore,
  StorageError,
  type StoreOptions,
} from "../storage/object_store.ts";

/** A folder's files, and what the store knows of each. */
export interface FolderSource extends Source {
  /** Path -> size and tag. */
  readonly objects: ReadonlyMap<string, ObjectInfo>;
}

/**
 * Finds a failure of a store among the causes of an error.
 *
 * @param error What was thrown.
 * @returns The failure, or undefined where the cause is another.
 */
export function storageCause(error: unknown): StorageError | undefined {
  if (error instanceof StorageError) return error;
  return error instanceof Error && error.cause !== undefined
    ? storageCause(error.cause)
    : undefined;
}

/** `s3://bucket/line-4/` -> `line-4`. */
function nameOf(uri: string): string {
  const name = uri.split("/").findLast((part) => part !== "") ?? uri;
  return uri.startsWith("file:") ? decodeURIComponent(name) : name;
}

/**
 * Lists a folder in a store; hidden files are passed over.
 *
 * @param store The folder.
 * @param options How to stop.
 * @returns Its files.
 * @throws {StorageError} If the store fails.
 */
export async function folderSource(
  store: ObjectStore,
  options: StoreOptions = {},
): Promise<FolderSource> {
  const objects = new Map<string, ObjectInfo>();
  for await (const info of store.list("", options)) {
    const isFolder = info.key.endsWith("/");
    if (!isFolder && !isHidden(info.key)) objects.set(info.key, info);
  }
  const read = (path: string) => store.read(path, options);
  return {
    location: store.uri,
    kind: "folder",
    name: nameOf(store.uri),
    files: [...objects.keys()].sort(),
    folders: [...parentsOf(objects.keys())].sort(),
    objects,
    read,
    keep: () => Promise.resolve(),
    each: (paths) => eachOf(paths, read),
  };
}

/** An object, its size and its tag. */
export interface StoredObject {
  readonly store: ObjectStore;
  readonly info: ObjectInfo;
}

/** Bytes of an archive that are read at a time, with as many ahead. */
const CHUNK = 1 << 23;

async function* readAhead(
  { store, info }: StoredObject,
  range: { readonly start: number; readonly end: number },
  options: StoreOptions,
): AsyncGenerator<Uint8Array> {
  const read = (start: number) => {
    const end = Math.min(start + CHUNK, range.end);
    const part = store.read(info.key, { ...options, range: { start, end } });
    part.catch(() => {});
    return part;
  };
  let next = read(range.start);
  for (let at = range.start; at < range.end; at += CHUNK) {
    const part = await next;
    if (at + CHUNK < range.end) next = read(at + CHUNK);
    yield part;
  }
}

/**
 * Makes an object readable as an archive. It is read in parts, each of which
 * the store retries by itself.
 *
 * @param object The object.
 * @param options How to stop.
 * @returns Its bytes.
 */
export function storedBytes(
  object: StoredObject,
  options: StoreOptions = {},
): StoredBytes {
  const { store, info } = object;
  return {
    location: `${store.uri}${info.key}`,
    size: info.size,
    open: (range = { start: 0, end: info.size }) =>
      ReadableStream.from(readAhead(object, range, options)),
  };
}

/**
 * Opens an archive in a store.
 *
 * @param object The archive.
 * @param options How to stop.
 * @returns Its files.
 * @throws {DataSetError} If it is no archive, damaged or unsafe.
 * @throws {StorageError} If the store fails.
 */
export async function archiveSource(
  object: StoredObject,
  options: StoreOptions = {},
): Promise<Source> {
  try {
    return await openArchiveSource(storedBytes(object, options));
  } catch (error) {
    throw storageCause(error) ?? error;
  }
}

/**
 * Finds an object that must be there.
 *
 * @param store Its store.
 * @param key Its key.
 * @param options How to stop.
 * @returns The object.
 * @throws {DataSetError} If there is none.
 * @throws {StorageError} If the store fails.
 */
export async function findObject(
  store: ObjectStore,
  key: string,
  options: StoreOptions = {},
): Promise<StoredObject> {
  const info = await store.head(key, options);
  if (info !== null) return { store, info };
  throw new DataSetError(
    `Cannot open the data set at ${store.uri}${key} as there must be a list or an archive: nothing was found`,
  );
}
