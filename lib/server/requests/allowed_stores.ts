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
/**
 * Characters of an address: a key has 1,024 bytes and a path 4,096, each three
 * characters at most. Looking at one of 31 MB took 3 seconds.
 */
const MAX_LENGTH = 16_384;
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
 * @param uri `s3://bucket/key`, `gs://bucket/key` or `file:///path`.
 * @returns The address without `.` and `..`; `undefined` if it is not valid, or
 * too long.
 */
export function canonicalUri(uri: string): string | undefined {
  if (uri.length > MAX_LENGTH) return undefined;
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
async function realPathOf(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) throw error;
    return join(await realPathOf(parent), basename(path));
  }
}

/**
 * Tells whether files are really in a folder, or elsewhere by a link. The
 * folder's own path is resolved once, not for each file.
 */
function insideOf(prefix: string): (path: string) => Promise<boolean> {
  let root: Promise<string> | undefined;
  return async (path) => {
    root ??= realPathOf(fileURLToPath(prefix));
    return asFolder(await realPathOf(path)).startsWith(asFolder(await root));
  };
}

function denied(uri: string): StorageError {
  return new StorageError(
    "Cannot open an address as it must lie in a folder that this server " +
      `allows: current value is ${JSON.stringify(uri.slice(0, 200))}`,
    "denied",
  );
}

/** A store whose links lead nowhere else; buckets have no links. */
function inside(
  store: ObjectStore,
  folder: string,
  prefix: string,
): ObjectStore {
  if (!isLocal(folder)) return store;
  const path = fileURLToPath(folder);
  const isInside = insideOf(prefix);
  return new InsideStore(store, (key) => isInside(join(path, key)));
}

/** Opens addresses below some prefixes, and refuses all others. */
export class AllowedStores implements Stores {
  readonly #stores: Stores;
  readonly #prefixes: readonly string[];

  /**
   * Constructs stores from others.
   *
   * @param stores Open any address.
   * @param prefixes Folders that are allowed with all that is below them.
   * @throws {RangeError} If a prefix is not an address.
   */
  constructor(stores: Stores, prefixes: readonly string[]) {
    this.#stores = stores;
    this.#prefixes = prefixes.map(canonicalPrefix);
  }

  /** Whether nothing at all is allowed. */
  get isEmpty(): boolean {
    return this.#prefixes.length === 0;
  }

  /** The folders, as addresses. */
  get folders(): readonly string[] {
    return this.#prefixes;
  }

  /**
   * Opens a folder. A local file that is elsewhere by a link is refused when it
   * is used.
   *
   * @throws {StorageError} If it is not an address, or not allowed.
   */
  folder(uri: string): ObjectStore {
    const { canonical, prefix } = this.#allowed(uri);
    const folder = asFolder(canonical);
    return inside(this.#stores.folder(folder), folder, prefix);
  }

  /**
   * Finds the store of one object. A local file that is elsewhere by a link is
   * refused when it is used.
   *
   * @throws {StorageError} If it is not an address, or not allowed.
   */
  object(uri: string): OpenObject {
    const { canonical, prefix } = this.#allowed(uri);
    const { store, key } = this.#stores.object(canonical);
    const folder = canonical.slice(0, canonical.lastIndexOf("/") + 1);
    return { store: inside(store, folder, prefix), key };
  }

  /**
   * Finds where an address lies below the prefix that allows it.
   *
   * @returns The rest of the address.
   * @throws {StorageError} If it is not an address, or not allowed.
   */
  pathOf(uri: string): string {
    const { canonical, prefix } = this.#allowed(uri);
    return canonical.slice(prefix.length);
  }

  /**
   * Tells an address that is not allowed, but lies in the same bucket as one
   * that is. It is refused all the same.
   *
   * @returns Whether it lies beside what is allowed.
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
   * Refuses an address that is not allowed, also where only a link leads out
   * of what is allowed.
   *
   * @returns The address as stores take it.
   * @throws {StorageError} If it is not an address, or not allowed.
   */
  async check(uri: string): Promise<string> {
    const { canonical, prefix } = this.#allowed(uri);
    const isInside = !isLocal(canonical) ||
      await insideOf(prefix)(fileURLToPath(canonical));
    if (!isInside) throw denied(uri);
    return canonical;
  }

  #allowed(uri: string): {
    readonly canonical: string;
    readonly prefix: string;
  } {
    const canonical = canonicalUri(uri);
    if (canonical === undefined) {
      const message = "Cannot open an address as it must be s3://BUCKET/KEY, " +
        "gs://BUCKET/KEY or file:///PATH without .. in it, in at most " +
        `${MAX_LENGTH} characters: current value is ` +
        JSON.stringify(uri.slice(0, 200));
      throw new StorageError(message, "invalid");
    }
    const prefix = this.#prefixOf(canonical);
    if (prefix === undefined) throw denied(uri);
    return { canonical, prefix };
  }

  #prefixOf(canonical: string): string | undefined {
    return this.#prefixes.find((prefix) =>
      asFolder(canonical).startsWith(prefix)
    );
  }
}
