/**
 * How a run opens addresses.
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

/** Opens addresses. A server may refuse some of them. */
export interface Stores {
  /**
   * Opens a folder, here or in a bucket.
   *
   * @throws {StorageError} If the address is invalid or must not be opened.
   */
  folder(uri: string): ObjectStore;
  /**
   * Finds the store of one object.
   *
   * @throws {StorageError} If the address is invalid or must not be opened.
   */
  object(uri: string): OpenObject;
}

/**
 * The address of an object, in a form that can be opened again.
 *
 * @param store The store it lies in.
 * @param key Its key. In a local folder, characters that an address cannot have
 * are encoded.
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
 * Opens every address that has a store.
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
