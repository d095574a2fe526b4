/**
 * How a run opens the addresses it is given.
 *
 * @module
 */
import type { ObjectStore } from "../storage/object_store.ts";
import {
  type OpenObject,
  openObject,
  openStore,
} from "../storage/open_store.ts";
import type { StoreSettings } from "../storage/store_settings.ts";

/**
 * Opens addresses. A server that allows only some of them throws from here.
 */
export interface Stores {
  /**
   * Opens a folder, here or in a bucket.
   *
   * @throws {StorageError} If it is no address, or none that may be opened.
   */
  folder(uri: string): ObjectStore;
  /**
   * Finds the store of one object.
   *
   * @throws {StorageError} If it is no address, or none that may be opened.
   */
  object(uri: string): OpenObject;
}

/**
 * Writes the address of an object as it can be opened again.
 *
 * @param store The store it lies in.
 * @param key Its key; in a folder here it may hold what an address may not.
 * @returns The address.
 */
export function addressIn(
  { uri }: Pick<ObjectStore, "uri">,
  key: string,
): string {
  const isFile = uri.startsWith("file:");
  return uri +
    (isFile ? key.split("/").map(encodeURIComponent).join("/") : key);
}

/**
 * Opens any address that there is a store for.
 *
 * @param settings How to reach buckets.
 * @returns The stores.
 */
export function allStores(settings: StoreSettings = {}): Stores {
  return {
    folder: (uri) => openStore(uri, settings),
    object: (uri) => openObject(uri, settings),
  };
}
