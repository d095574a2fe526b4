/**
 * Folders of millions of images that are only listed, for measurements of plans.
 *
 * @module
 */
import type { BatchInput } from "../../lib/batch/run.ts";
import type { Stores } from "../../lib/batch/stores.ts";
import {
  type ObjectInfo,
  type ObjectStore,
  StorageError,
} from "../../lib/storage/object_store.ts";

const FOLDERS = 240;
const LINES = 4;
const URI = "s3://bench/data/";

function two(value: number): string {
  return `${value}`.padStart(2, "0");
}

/** The key of image number `i` of so many, in the order of keys. */
export function keyOf(i: number, images: number): string {
  const folder = Math.floor(i * FOLDERS / images);
  const line = Math.floor(folder * LINES / FOLDERS);
  const day = folder % (FOLDERS / LINES);
  const number = `${i}`.padStart(8, "0");
  return `line-${line}/day-${two(day)}/cam-1/${number}.jpg`;
}

function infoOf(i: number, images: number): ObjectInfo {
  const etag = (Math.imul(i, 0x9e3779b1) >>> 0).toString(16)
    .padStart(8, "0").repeat(4);
  return { key: keyOf(i, images), size: 20_000 + i % 5000, etag };
}

function missing(): never {
  throw new StorageError("Cannot read what is only listed", "missing");
}

/**
 * A folder whose files are listed and cannot be read.
 *
 * @param images How many it has.
 * @param isNew Whether an image was written again.
 */
export function listedFolder(
  images: number,
  isNew: (i: number) => boolean = () => false,
): BatchInput {
  const store: ObjectStore = {
    uri: URI,
    async *list() {
      for (let i = 0; i < images; i++) {
        const info = infoOf(i, images);
        yield isNew(i) ? { ...info, etag: `${info.etag}-2` } : info;
      }
    },
    read: () => Promise.reject(missing),
    stream: missing,
    head: () => Promise.resolve(null),
    create: missing,
    put: missing,
    delete: missing,
  };
  const stores: Stores = {
    folder: () => store,
    object: () => ({ store, key: "" }),
  };
  return { uri: URI, stores };
}
