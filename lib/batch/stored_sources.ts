/**
 * Folders and archives in a store, as sources of a data set.
 *
 * @module
 */
import { ARCHIVE_LIMITS } from "../data/archives/archive.ts";
import { openArchiveSource } from "../data/open.ts";
import { DataSetError } from "../data/sample.ts";
import { eachOf, isHidden, parentsOf, type Source } from "../data/source.ts";
import {
  type ObjectInfo,
  type ObjectStore,
  StorageError,
  type StoreOptions,
} from "../storage/object_store.ts";
import { storedObject } from "../storage/stored_object.ts";

/** The files of a folder, with their sizes and ETags. */
export interface FolderSource extends Source {
  /** Path -> size and ETag. */
  readonly objects: ReadonlyMap<string, ObjectInfo>;
}

/**
 * Finds a failure of a store among the causes of an error.
 *
 * @param error What was thrown.
 * @returns The failure, or undefined if the cause is another one.
 */
export function storageCause(error: unknown): StorageError | undefined {
  if (error instanceof StorageError) return error;
  return error instanceof Error && error.cause !== undefined
    ? storageCause(error.cause)
    : undefined;
}

/**
 * Waits for work that reads stored files. If it fails because the store failed,
 * the error of the store is thrown.
 *
 * @param work The work.
 * @returns Its result.
 */
export async function orStorageCause<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storageCause(error) ?? error;
  }
}

/** `s3://bucket/line-4/` -> `line-4`. */
function nameOf(uri: string): string {
  const name = uri.split("/").findLast((part) => part !== "") ?? uri;
  return uri.startsWith("file:") ? decodeURIComponent(name) : name;
}

/**
 * A folder in a store, whose files are listed elsewhere.
 *
 * @param store The folder.
 * @param options How to stop.
 */
export function unlistedFolder(
  store: ObjectStore,
  options: StoreOptions = {},
): Omit<Source, "files" | "folders"> {
  const bounded = { ...options, maxBytes: MOST_BYTES };
  const read = (path: string) => store.read(path, bounded);
  return {
    location: store.uri,
    kind: "folder",
    name: nameOf(store.uri),
    read,
    keep: () => Promise.resolve(),
    each: (paths) => eachOf(paths, read),
  };
}

/**
 * A folder in a store.
 *
 * @param store The folder.
 * @param files Its files.
 * @param options How to stop.
 */
export function heldFolder(
  store: ObjectStore,
  files: Iterable<ObjectInfo>,
  options: StoreOptions = {},
): FolderSource {
  const objects = new Map(Array.from(files, (info) => [info.key, info]));
  return {
    ...unlistedFolder(store, options),
    files: [...objects.keys()].sort(),
    folders: [...parentsOf(objects.keys())].sort(),
    objects,
  };
}

/**
 * Lists a folder in a store, without hidden files.
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
  const files: ObjectInfo[] = [];
  for await (const info of store.list("", options)) {
    const isFolder = info.key.endsWith("/");
    if (!isFolder && !isHidden(info.key)) files.push(info);
  }
  return heldFolder(store, files, options);
}

/** An object, its size and its ETag. */
export interface FoundObject {
  /** Its store. */
  readonly store: ObjectStore;
  /** Its key, size and ETag. */
  readonly info: ObjectInfo;
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
  { store, info }: FoundObject,
  options: StoreOptions = {},
): Promise<Source> {
  const bytes = await storedObject(store, info.key, options);
  return await orStorageCause(openArchiveSource(bytes));
}

/** Larger files are refused, because a worker would run out of memory. */
export const MOST_BYTES: number = ARCHIVE_LIMITS.fileBytes;

/**
 * Checks that a file is not too large to be read whole.
 *
 * @param path Its name, for the message.
 * @param size Its bytes.
 * @throws {DataSetError} If it is too large.
 */
export function assertReadable(path: string, size: number): void {
  if (size <= MOST_BYTES) return;
  throw new DataSetError(
    `Cannot read ${path} as it must have at most ${MOST_BYTES} bytes: current value is ${size}`,
  );
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
): Promise<FoundObject> {
  const info = await store.head(key, options);
  if (info !== null) return { store, info };
  throw new DataSetError(
    `Cannot open the data set at ${store.uri}${key} as there must be a list or an archive: nothing was found`,
  );
}
