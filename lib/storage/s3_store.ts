/**
 * A folder of a bucket as a store of objects.
 *
 * @module
 */
import { DeleteObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { checkKey } from "./keys.ts";
import {
  type ListOptions,
  MOST_READ,
  type ObjectInfo,
  type ObjectStore,
  type ReadOptions,
  type StoreOptions,
  type WriteOptions,
} from "./object_store.ts";
import { clientFor } from "./s3_client.ts";
import { createObject } from "./s3_create.ts";
import { s3Error, withS3Errors } from "./s3_errors.ts";
import { listAnyOrder, listPages } from "./s3_list.ts";
import { headObject, openBody, type S3Object, sending } from "./s3_read.ts";
import { checkSettings } from "./s3_settings.ts";
import { uploadObject } from "./s3_upload.ts";
import type { StoreSettings } from "./store_settings.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Objects below a prefix of one bucket. */
export class S3Store implements ObjectStore {
  /** The prefix's address. */
  readonly uri: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #attempts: number;

  /**
   * Constructs a store.
   *
   * @param prefix The start of all keys: empty, or with `/` at its end.
   * @throws {StorageError} If a setting is wrong.
   */
  constructor(bucket: string, prefix: string, settings: StoreSettings) {
    this.uri = `s3://${bucket}/${prefix}`;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#client = clientFor(settings);
    this.#attempts = checkSettings(settings).attempts;
  }

  /** Does something with a key's object. */
  #with<T>(
    action: string,
    key: string,
    work: (object: S3Object) => Promise<T>,
    { signal }: StoreOptions,
  ): Promise<T> {
    const location = `${this.uri}${key}`;
    return withS3Errors({ action, location, signal }, () => {
      checkKey(this.uri, key);
      return work({
        client: this.#client,
        name: { Bucket: this.#bucket, Key: `${this.#prefix}${key}` },
        location,
        attempts: this.#attempts,
      });
    });
  }

  /** Reads an object, or a part of it, into memory. */
  async read(key: string, options: ReadOptions = {}): Promise<Bytes> {
    const { maxBytes = MOST_READ } = options;
    const stream = await this.stream(key, { ...options, maxBytes });
    return await new Response(stream).bytes();
  }

  /** Opens an object, or a part of it. */
  stream(
    key: string,
    options: ReadOptions = {},
  ): Promise<ReadableStream<Bytes>> {
    const open = (object: S3Object) => openBody(object, options);
    return this.#with("read", key, open, options);
  }

  /** Looks an object up; null where there is none. */
  head(key: string, options: StoreOptions = {}): Promise<ObjectInfo | null> {
    return this.#with("look up", key, async (object) => {
      const there = await headObject(object, options);
      return there && { key, ...there };
    }, options);
  }

  /**
   * All objects whose keys start so, ordered by key (UTF-8 bytes) unless any
   * order will do. The empty
   * objects with `/` at their end by which consoles mark folders are left out.
   */
  async *list(
    prefix: string,
    options: ListOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    if (prefix !== "") checkKey(this.uri, prefix);
    const { signal, startAfter = "", anyOrder = false } = options;
    const location = `${this.uri}${prefix}`;
    const listing = {
      client: this.#client,
      bucket: this.#bucket,
      root: this.#prefix,
      prefix,
      location,
      signal,
    };
    const pages = anyOrder
      ? listAnyOrder(listing, startAfter)
      : listPages(listing, { after: startAfter });
    try {
      for await (const page of pages) {
        for (const info of page) {
          signal?.throwIfAborted();
          yield info;
        }
      }
    } catch (error) {
      throw s3Error(error, { action: "list", location, signal });
    }
  }

  /** Writes a new object whole; false where another one has its key. */
  create(
    key: string,
    bytes: Bytes,
    options: WriteOptions = {},
  ): Promise<boolean> {
    const create = (object: S3Object) => createObject(object, bytes, options);
    return this.#with("create", key, create, options);
  }

  /**
   * Writes an object, over another one if need be; a large one in parts that
   * are put together at the end. Where the answer to that is lost, a store may
   * no longer know of the parts: bytes are then sent again, and a stream fails
   * as unavailable.
   */
  put(
    key: string,
    body: Bytes | ReadableStream<Bytes>,
    options: WriteOptions = {},
  ): Promise<void> {
    const upload = (object: S3Object) => uploadObject(object, body, options);
    return this.#with("write", key, upload, options);
  }

  /** Removes an object; no error where there is none. */
  delete(key: string, options: StoreOptions = {}): Promise<void> {
    return this.#with("delete", key, async ({ client, name }) => {
      await client.send(new DeleteObjectCommand(name), sending(options));
    }, options);
  }
}
