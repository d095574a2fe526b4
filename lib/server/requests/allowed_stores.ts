/**
 * The addresses that requests may name.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Stores } from "../../batch/stores.ts";
import { type ObjectStore, StorageError } from "../../storage/object_store.ts";
import type { OpenObject } from "../../storage/open_store.ts";
import { InsideStore } from "./inside_store.ts";

/** Google's buckets are reached through their S3 interface. */
const BUCKET_REGEXP =
  /^(?:s3|gs):\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(?:\/(.*))?$/;
/** Control characters, and what some systems take as the end of a folder. */
const ODD_REGEXP = /[\p{Cc}\\]/u;

function canonicalFile(uri: string): string | undefined {
  try {
    const path = fileURLToPath(uri);
    return ODD_REGEXP.test(path) ? undefined : pathToFileURL(path).href;
  } catch {
    return undefined;
  }
}

/**
 * Writes an address in the one way in which it is compared.
 *
 * @param uri `s3://bucket/key`, `gs://bucket/key` or `file:///path`
 * @returns The address, without `.` and `..`; undefined where it is none
 */
export function canonicalUri(uri: string): string | undefined {
  if (ODD_REGEXP.test(uri) || !uri.isWellFormed()) return undefined;
  if (uri.startsWith("file:///")) return canonicalFile(uri);
  const [, bucket, key = ""] = BUCKET_REGEXP.exec(uri) ?? [];
  if (bucket === undefined) return undefined;
  const isPlain = key.split("/").every((part) => part !== "." && part !== "..");
  return isPlain ? `s3://${bucket}/${key}` : undefined;
}

/** `s3://bucket/` of an address; undefined where it lies in none. */
function bucketOf(canonical: string): string | undefined {
  return /^s3:\/\/[^/]+\//.exec(canonical)?.[0];
}

function isLocal(uri: string): boolean {
  return uri.startsWith("file:");
}

function asFolder(uri: string): string {
  return uri.endsWith("/") ? uri : `${uri}/`;
}

function canonicalPrefix(uri: string): string {
  const canonical = canonicalUri(uri);
  if (canonical !== undefined) return asFolder(canonical);
  throw new RangeError(
    `Cannot allow an address as it must be s3://BUCKET/, gs://BUCKET/ or file:///: current value is ${
      JSON.stringify(uri)
    }`,
  );
}

/** A path without links; what does not exist of it stays as it is. */
function realPathOf(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) throw error;
    return join(realPathOf(parent), basename(path));
  }
}

/** Whether links lead out of the folder that is allowed. */
function isLedOut(path: string, prefix: string): boolean {
  const root = asFolder(realPathOf(fileURLToPath(prefix)));
  return !asFolder(realPathOf(path)).startsWith(root);
}

/** Opens addresses below some prefixes, and refuses all others. */
export class AllowedStores implements Stores {
  readonly #stores: Stores;
  readonly #prefixes: readonly string[];

  /**
   * Constructs stores from others.
   *
   * @param stores Open any address
   * @param prefixes Folders that are allowed with all that is below them
   * @throws {RangeError} If a prefix is no address
   */
  constructor(stores: Stores, prefixes: readonly string[]) {
    this.#stores = stores;
    this.#prefixes = prefixes.map(canonicalPrefix);
  }

  /** Whether nothing at all is allowed. */
  get isEmpty(): boolean {
    return this.#prefixes.length === 0;
  }

  /**
   * Opens a folder.
   *
   * @throws {StorageError} If it is no address, or not allowed
   */
  folder(uri: string): ObjectStore {
    const canonical = asFolder(this.check(uri));
    const store = this.#stores.folder(canonical);
    const prefix = this.#prefixOf(canonical);
    if (prefix === undefined || !isLocal(canonical)) return store;
    const path = fileURLToPath(canonical);
    return new InsideStore(store, (key) => !isLedOut(join(path, key), prefix));
  }

  /**
   * Finds the store of one object.
   *
   * @throws {StorageError} If it is no address, or not allowed
   */
  object(uri: string): OpenObject {
    return this.#stores.object(this.check(uri));
  }

  /**
   * Finds where an address lies below the prefix that allows it.
   *
   * @returns The rest of the address
   * @throws {StorageError} If it is no address, or not allowed
   */
  pathOf(uri: string): string {
    const canonical = this.check(uri);
    return canonical.slice(this.#prefixOf(canonical)?.length);
  }

  /**
   * Tells an address that is not allowed, but lies in the same bucket as one
   * that is. It is refused all the same.
   *
   * @param uri The address
   * @returns Whether it lies beside what is allowed
   */
  isBeside(uri: string): boolean {
    const canonical = canonicalUri(uri);
    if (canonical === undefined || this.#prefixOf(canonical) !== undefined) {
      return false;
    }
    const bucket = bucketOf(canonical);
    return bucket !== undefined &&
      this.#prefixes.some((prefix) => prefix.startsWith(bucket));
  }

  /**
   * Refuses an address that is not allowed.
   *
   * @param uri The address
   * @returns The address as stores take it
   * @throws {StorageError} If it is no address, or not allowed
   */
  check(uri: string): string {
    const canonical = canonicalUri(uri);
    if (canonical === undefined) {
      const message = "Cannot open an address as it must be s3://BUCKET/KEY, " +
        "gs://BUCKET/KEY or file:///PATH without .. in it: current value is " +
        JSON.stringify(uri.slice(0, 200));
      throw new StorageError(message, "invalid");
    }
    const prefix = this.#prefixOf(canonical);
    if (
      prefix === undefined ||
      (isLocal(canonical) && isLedOut(fileURLToPath(canonical), prefix))
    ) {
      const message = "Cannot open an address as it must lie where this " +
        `server may: current value is ${JSON.stringify(uri.slice(0, 200))}`;
      throw new StorageError(message, "denied");
    }
    return canonical;
  }

  #prefixOf(canonical: string): string | undefined {
    return this.#prefixes.find((prefix) =>
      asFolder(canonical).startsWith(prefix)
    );
  }
}
