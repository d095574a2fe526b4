/**
 * Stores and objects by their addresses.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { BucketStore } from "./bucket_store.ts";
import { FileStore } from "./file_store.ts";
import { type ObjectStore, StorageError } from "./object_store.ts";
import type { StoreSettings } from "./store_settings.ts";

const SCHEME_REGEXP = /^([a-z][a-z0-9+.-]+):\/\//i;
/** The settings where none are given; one object, so that they share a client. */
const NO_SETTINGS: StoreSettings = {};
const BUCKET_REGEXP = /^s3:\/\/([^/]+)\/?(.*)$/is;

function pathOf(uri: string): string {
  if (!/^file:/i.test(uri)) return uri;
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    const message = `Cannot open ${uri} as a file's address must be file:/// ` +
      "and a path";
    throw new StorageError(message, "invalid", { cause });
  }
}

function withSlash(path: string): string {
  return path === "" || path.endsWith("/") ? path : `${path}/`;
}

/**
 * Opens a folder, here or in a bucket. Nothing is read yet.
 *
 * @param uri `s3://bucket/folder/`, `file:///folder/` or a path. What follows
 * the bucket is taken as it is, without percent-decoding.
 * @throws {StorageError} If it is no such address.
 */
export function openStore(
  uri: string,
  settings: StoreSettings = NO_SETTINGS,
): ObjectStore {
  const scheme = SCHEME_REGEXP.exec(uri)?.[1]?.toLowerCase() ?? "file";
  const [, bucket, prefix = ""] = BUCKET_REGEXP.exec(uri) ?? [];
  if (bucket !== undefined) {
    return new BucketStore(bucket, withSlash(prefix), settings);
  }
  if (scheme === "file" && uri !== "") return new FileStore(pathOf(uri));
  const message = "Cannot open a store as its address must be s3://BUCKET/, " +
    `file:/// or a path: current value is ${JSON.stringify(uri)}`;
  throw new StorageError(message, "invalid");
}

/** An object and the store it lies in. */
export interface OpenObject {
  /** The folder. */
  readonly store: ObjectStore;
  /** The object's key in it, without any `/`. */
  readonly key: string;
}

/**
 * Finds the store of one object.
 *
 * @param uri `s3://bucket/folder/object`, `file:///folder/object` or a path.
 * @returns The folder as a store, and the object's key. Whether it is there is
 * not known yet.
 * @throws {StorageError} If it is no such address, or a folder's.
 */
export function openObject(
  uri: string,
  settings: StoreSettings = NO_SETTINGS,
): OpenObject {
  const isBucket = BUCKET_REGEXP.test(uri);
  const path = isBucket ? uri : pathOf(uri);
  const at = path.lastIndexOf("/") + 1;
  const key = path.slice(at);
  const folder = path.slice(0, at);
  if (key !== "" && folder !== "s3://") {
    return { store: openStore(folder === "" ? "." : folder, settings), key };
  }
  const message = "Cannot open an object as its address must not be a " +
    `folder's: current value is ${JSON.stringify(uri)}`;
  throw new StorageError(message, "invalid");
}
