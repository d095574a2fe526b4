/** Objects in memory, for runs of many small steps. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import {
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type ReadOptions,
  StorageError,
} from "../../lib/storage/object_store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A store that is empty at first and gone with the test. */
export class MemoryStore implements ObjectStore {
  readonly uri: string;
  readonly #objects = new Map<string, Bytes>();

  constructor(name: string) {
    this.uri = `memory://${name}/`;
  }

  async read(key: string, options: ReadOptions = {}): Promise<Bytes> {
    const { range, etag } = options;
    const bytes = this.#objects.get(key);
    const there = await this.head(key);
    if (bytes === undefined || (etag ?? there?.etag) !== there?.etag) {
      throw new StorageError(`Cannot read ${key}`, "missing");
    }
    return bytes.slice(range?.start, range?.end);
  }

  async stream(
    key: string,
    options?: ReadOptions,
  ): Promise<ReadableStream<Bytes>> {
    return ReadableStream.from([await this.read(key, options)]);
  }

  head(key: string): Promise<ObjectInfo | null> {
    const bytes = this.#objects.get(key);
    if (bytes === undefined) return Promise.resolve(null);
    const etag = createHash("md5").update(bytes).digest("hex");
    return Promise.resolve({ key, size: bytes.length, etag });
  }

  async *list(
    prefix: string,
    { startAfter = "" }: ListOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    const keys = [...this.#objects.keys()].filter((key) =>
      key.startsWith(prefix) && key > startAfter
    ).sort();
    for (const key of keys) yield (await this.head(key))!;
  }

  create(key: string, bytes: Bytes): Promise<boolean> {
    const there = this.#objects.get(key) ?? bytes;
    this.#objects.set(key, there);
    return Promise.resolve(Buffer.from(there).equals(bytes));
  }

  async put(
    key: string,
    body: Bytes | ReadableStream<Bytes>,
  ): Promise<void> {
    const bytes = await new Response(body).bytes();
    this.#objects.set(key, bytes);
  }

  delete(key: string): Promise<void> {
    this.#objects.delete(key);
    return Promise.resolve();
  }
}
