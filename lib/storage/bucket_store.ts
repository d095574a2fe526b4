/**
 * A folder of a bucket, whose client is loaded at the first request. AWS's SDK
 * takes a quarter of the time in which the modules of `serve` load, and most
 * servers and runs name no bucket.
 *
 * @module
 */
import { importLate } from "../async/import_late.ts";
import type {
  ListOptions,
  ObjectInfo,
  ObjectStore,
  ReadOptions,
  StoreOptions,
  WriteOptions,
} from "./object_store.ts";
import { checkSettings } from "./s3_settings.ts";
import type { StoreSettings } from "./store_settings.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Objects below a prefix of one bucket. */
export class BucketStore implements ObjectStore {
  /** The prefix's address. */
  readonly uri: string;
  readonly #open: () => Promise<ObjectStore>;
  #store: Promise<ObjectStore> | undefined;

  /**
   * Constructs a store.
   *
   * @param prefix The start of all keys: empty, or with `/` at its end.
   * @throws {StorageError} If a setting is wrong.
   */
  constructor(bucket: string, prefix: string, settings: StoreSettings) {
    checkSettings(settings);
    this.uri = `s3://${bucket}/${prefix}`;
    this.#open = async () => {
      const address = new URL("./s3_store.ts", import.meta.url);
      const { S3Store } = await importLate<typeof import("./s3_store.ts")>(
        address,
      );
      return new S3Store(bucket, prefix, settings);
    };
  }

  #opened(): Promise<ObjectStore> {
    return this.#store ??= this.#open();
  }

  /** Reads an object, or a part of it, into memory. */
  async read(key: string, options: ReadOptions = {}): Promise<Bytes> {
    return await (await this.#opened()).read(key, options);
  }

  /** Opens an object, or a part of it. */
  async stream(
    key: string,
    options: ReadOptions = {},
  ): Promise<ReadableStream<Bytes>> {
    return await (await this.#opened()).stream(key, options);
  }

  /** Looks an object up; null where there is none. */
  async head(
    key: string,
    options: StoreOptions = {},
  ): Promise<ObjectInfo | null> {
    return await (await this.#opened()).head(key, options);
  }

  /** All objects whose keys start so, in the order of the options. */
  async *list(
    prefix: string,
    options: ListOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    yield* (await this.#opened()).list(prefix, options);
  }

  /** Writes a new object whole; false where another one has its key. */
  async create(
    key: string,
    bytes: Bytes,
    options: WriteOptions = {},
  ): Promise<boolean> {
    return await (await this.#opened()).create(key, bytes, options);
  }

  /** Writes an object, over another one if need be. */
  async put(
    key: string,
    body: Bytes | ReadableStream<Bytes>,
    options: WriteOptions = {},
  ): Promise<void> {
    await (await this.#opened()).put(key, body, options);
  }

  /** Removes an object; no error where there is none. */
  async delete(key: string, options: StoreOptions = {}): Promise<void> {
    await (await this.#opened()).delete(key, options);
  }
}
