/**
 * A folder as a store of objects.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fileError, withFileErrors } from "./file_errors.ts";
import { infoOf, isPartial, listFiles, partialName } from "./file_list.ts";
import { checkKey, checkRange } from "./keys.ts";
import {
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type ReadOptions,
  StorageError,
  type StoreOptions,
  type WriteOptions,
} from "./object_store.ts";

const CHUNK_BYTES = 1 << 18;

type Bytes = Uint8Array<ArrayBuffer>;

/** How an open file is read. */
interface Reading {
  readonly length: number;
  readonly fail: (error: unknown) => unknown;
  readonly signal?: AbortSignal | undefined;
}

function streamOf(file: Deno.FsFile, reading: Reading): ReadableStream<Bytes> {
  let left = reading.length;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      try {
        reading.signal?.throwIfAborted();
        const buffer = new Uint8Array(Math.min(CHUNK_BYTES, left));
        const count = left === 0 ? null : await file.read(buffer);
        if (count === null) {
          file.close();
          controller.close();
          return;
        }
        left -= count;
        controller.enqueue(buffer.subarray(0, count));
      } catch (error) {
        file.close();
        throw reading.fail(error);
      }
    },
    cancel: () => file.close(),
  }, { highWaterMark: 0 });
}

async function writeChunk(file: Deno.FsFile, chunk: Bytes): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    at += await file.write(chunk.subarray(at));
  }
}

/** Writes a new file, making the folders above it. */
async function writeNew(
  path: string,
  body: Bytes | ReadableStream<Bytes>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  using file = await Deno.open(path, { write: true, createNew: true });
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    signal?.throwIfAborted();
    await writeChunk(file, chunk);
  }
}

async function isEqual(path: string, bytes: Bytes): Promise<boolean> {
  const { isFile, size } = await Deno.stat(path);
  if (!isFile) throw new Deno.errors.IsADirectory("a folder has its name");
  if (size !== bytes.length) return false;
  const there = await Deno.readFile(path);
  return there.every((byte, i) => byte === bytes[i]);
}

/**
 * Objects as files below a folder, which need not exist yet. A file appears
 * under its key only when it is whole; one that a killed process left behind
 * is in no list. The folder must lie on a file system with hard links. Nothing
 * waits for the disk, so a power cut may take what was written just before.
 */
export class FileStore implements ObjectStore {
  /** The folder's address. */
  readonly uri: string;
  readonly #root: string;

  /**
   * Constructs a store.
   *
   * @param root The folder's path.
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

  /** Does something with a key's file. */
  #with<T>(
    action: string,
    key: string,
    work: (path: string) => Promise<T>,
    { signal }: StoreOptions,
  ): Promise<T> {
    const location = `${this.uri}${key}`;
    return withFileErrors({ action, location, signal }, () => {
      signal?.throwIfAborted();
      return work(this.#pathOf(key));
    });
  }

  /** Reads an object, or a part of it, into memory. */
  async read(key: string, options: ReadOptions = {}): Promise<Bytes> {
    const stream = await this.stream(key, options);
    return await new Response(stream).bytes();
  }

  /** Opens an object, or a part of it. */
  stream(
    key: string,
    options: ReadOptions = {},
  ): Promise<ReadableStream<Bytes>> {
    const { signal, range = { start: 0, end: Infinity } } = options;
    const location = `${this.uri}${key}`;
    return this.#with("read", key, async (path) => {
      checkRange(location, range);
      const found = await Deno.stat(path).catch(nullIfMissing);
      if (!found?.isFile) throw new Deno.errors.NotFound("there is no file");
      const { etag } = infoOf(key, found);
      if ((options.etag ?? etag) !== etag) {
        throw new Deno.errors.NotFound("another version is there");
      }
      const file = await Deno.open(path);
      await file.seek(range.start, Deno.SeekMode.Start);
      const length = Math.max(Math.min(range.end, found.size) - range.start, 0);
      const fail = (error: unknown) =>
        fileError(error, { action: "read", location, signal });
      return streamOf(file, { length, fail, signal });
    }, options);
  }

  /** What is known of an object; null where there is none. */
  head(key: string, options: StoreOptions = {}): Promise<ObjectInfo | null> {
    return this.#with("look up", key, async (path) => {
      const file = await Deno.stat(path).catch(nullIfMissing);
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
      const partial = join(dirname(path), partialName());
      try {
        await writeNew(partial, bytes, options.signal);
        await Deno.link(partial, path);
        return true;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        return await isEqual(path, bytes);
      } finally {
        await Deno.remove(partial).catch(nullIfMissing);
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
      const partial = join(dirname(path), partialName());
      try {
        await writeNew(partial, body, options.signal);
        await makeLater(partial, path);
        await Deno.rename(partial, path);
      } catch (error) {
        await Deno.remove(partial).catch(nullIfMissing);
        throw error;
      }
    }, options);
  }

  /** Removes an object; no error where there is none. */
  delete(key: string, options: StoreOptions = {}): Promise<void> {
    return this.#with("delete", key, async (path) => {
      const file = await Deno.stat(path).catch(nullIfMissing);
      if (file?.isFile) await Deno.remove(path).catch(nullIfMissing);
    }, options);
  }
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Deno.errors.NotFound) return null;
  if (error instanceof Deno.errors.NotADirectory) return null;
  throw error;
}

/** Times have steps, in which a file written twice would keep its tag. */
async function makeLater(path: string, than: string): Promise<void> {
  const old = await Deno.stat(than).catch(nullIfMissing);
  const { mtime } = await Deno.stat(path);
  if (old === null || old.mtime === null || mtime === null) return;
  if (mtime > old.mtime) return;
  const later = new Date(old.mtime.getTime() + 1);
  await Deno.utime(path, later, later);
}
