/**
 * A folder as a store of objects.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { removeIfThere, statIfThere } from "../files/is_there.ts";
import { makeWhole, removeTemporaries, writeNew } from "../files/whole_file.ts";
import { fileError, withFileErrors } from "./file_errors.ts";
import { endedBy, isEqual, makeLater, readWhole, streamOf } from "./file_io.ts";
import { infoOf, isPartial, listFiles } from "./file_list.ts";
import { checkKey, checkRange } from "./keys.ts";
import {
  type ListOptions,
  MOST_READ,
  type ObjectInfo,
  type ObjectStore,
  type ReadOptions,
  StorageError,
  type StoreOptions,
  tooLarge,
  type WriteOptions,
} from "./object_store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A file that nobody has written to for so long is of a dead writer. */
const DEAD_SECONDS = 24 * 3600;

/**
 * Objects as files below a folder, which need not exist yet. A file appears
 * under its key only when it is whole; one that a killed process left behind
 * is in no list, and goes after a day, with the next file of its folder. The
 * folder must lie on a file system with hard links.
 */
export class FileStore implements ObjectStore {
  /** The folder's address. */
  readonly uri: string;
  readonly #root: string;
  /** Folders that were made, and rid of what killed processes left there. */
  readonly #tidied = new Set<string>();

  /**
   * Constructs a store.
   */
  constructor(root: string) {
    this.#root = resolve(root);
    this.uri = pathToFileURL(join(this.#root, "/")).href;
  }

  /** The path of a key's file. */
  #pathOf(key: string): string {
    checkKey(this.uri, key);
    const isPath = !key.startsWith("/") && !key.endsWith("/") &&
      !key.includes("//") && !isPartial(key);
    if (isPath) return join(this.#root, key);
    const message = `Cannot use a key in ${this.uri} as it must be the path ` +
      `of a file: current value is ${JSON.stringify(key)}`;
    throw new StorageError(message, "invalid");
  }

  async #makeFolder(folder: string): Promise<void> {
    await Deno.mkdir(folder, { recursive: true });
    if (this.#tidied.has(folder)) return;
    this.#tidied.add(folder);
    await removeTemporaries(folder, DEAD_SECONDS);
  }

  /** Does something with a key's file. */
  #with<T>(
    action: string,
    key: string,
    work: (path: string, options: StoreOptions) => Promise<T>,
    options: StoreOptions,
  ): Promise<T> {
    const location = `${this.uri}${key}`;
    const { signal } = options;
    return withFileErrors({ action, location, signal }, () => {
      signal?.throwIfAborted();
      return work(this.#pathOf(key), options);
    });
  }

  /** Reads an object, or a part of it, into memory. */
  async read(key: string, options: ReadOptions = {}): Promise<Bytes> {
    const { range, etag, maxBytes = MOST_READ, signal } = options;
    if (range === undefined && etag === undefined) {
      const location = `${this.uri}${key}`;
      const read = (path: string) =>
        readWhole(path, { location, maxBytes, signal });
      return await this.#with("read", key, read, options);
    }
    const stream = await this.stream(key, { ...options, maxBytes });
    return await new Response(stream).bytes();
  }

  /** Opens an object, or a part of it. */
  stream(
    key: string,
    options: ReadOptions = {},
  ): Promise<ReadableStream<Bytes>> {
    const { signal, range = { start: 0, end: Infinity } } = options;
    const { maxBytes = Infinity } = options;
    const location = `${this.uri}${key}`;
    return this.#with("read", key, async (path) => {
      checkRange(location, range);
      const found = await statIfThere(path);
      if (!found?.isFile) throw new Deno.errors.NotFound("there is no file");
      const { etag } = infoOf(key, found);
      if ((options.etag ?? etag) !== etag) {
        throw new Deno.errors.NotFound("another version is there");
      }
      const length = Math.max(Math.min(range.end, found.size) - range.start, 0);
      if (length > maxBytes) throw tooLarge(location, maxBytes, length);
      const file = await Deno.open(path);
      await file.seek(range.start, Deno.SeekMode.Start);
      const fail = (error: unknown) =>
        fileError(error, { action: "read", location, signal });
      return streamOf(file, { length, fail, signal });
    }, options);
  }

  /** Looks an object up; null where there is none. */
  head(key: string, options: StoreOptions = {}): Promise<ObjectInfo | null> {
    return this.#with("look up", key, async (path) => {
      const file = await statIfThere(path);
      return file?.isFile ? infoOf(key, file) : null;
    }, options);
  }

  /** All objects whose keys start so, ordered by key (UTF-8 bytes). */
  async *list(
    prefix: string,
    { signal, startAfter = "" }: ListOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    if (prefix !== "") checkKey(this.uri, prefix);
    try {
      yield* listFiles({ root: this.#root, prefix, startAfter, signal });
    } catch (error) {
      const location = `${this.uri}${prefix}`;
      throw fileError(error, { action: "list", location, signal });
    }
  }

  /** Writes a new object whole; false where another one has its key. */
  create(
    key: string,
    bytes: Bytes,
    options: WriteOptions = {},
  ): Promise<boolean> {
    return this.#with("create", key, async (path) => {
      await this.#makeFolder(dirname(path));
      const make = (temporary: string) => writeNew(temporary, bytes);
      try {
        await makeWhole(path, make, Deno.link);
        return true;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        return await isEqual(path, bytes);
      }
    }, options);
  }

  /** Writes an object, over another one if need be. */
  put(
    key: string,
    body: Bytes | ReadableStream<Bytes>,
    options: WriteOptions = {},
  ): Promise<void> {
    return this.#with("write", key, async (path) => {
      await this.#makeFolder(dirname(path));
      await makeWhole(path, async (temporary) => {
        await writeNew(temporary, endedBy(body, options.signal));
        await makeLater(temporary, path);
      });
    }, options);
  }

  /** Removes an object; no error where there is none. */
  delete(key: string, options: StoreOptions = {}): Promise<void> {
    return this.#with("delete", key, async (path) => {
      const file = await statIfThere(path);
      if (file?.isFile) await removeIfThere(path);
    }, options);
  }
}
