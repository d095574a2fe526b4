/**
 * A folder of a bucket as a store of objects.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { checkKey, checkRange } from "./keys.ts";
import {
  type ListOptions,
  type ObjectInfo,
  type ObjectRange,
  type ObjectStore,
  type ReadOptions,
  StorageError,
  type StoreOptions,
  type WriteOptions,
} from "./object_store.ts";
import { type Opened, resumedBody } from "./s3_body.ts";
import { clientFor, DEFAULT_ATTEMPTS } from "./s3_client.ts";
import { s3Error, statusOf, withS3Errors } from "./s3_errors.ts";
import type { StoreSettings } from "./store_settings.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of one part of an upload; S3 allows 10,000 of them, so 80 GiB. */
const PART_BYTES = 1 << 23;
const PARTS_AT_ONCE = 2;
const FIRST_DELAY = 100;

function withoutQuotes(etag: string | undefined): string {
  return etag?.replaceAll('"', "") ?? "";
}

function openedOf(output: GetObjectCommandOutput): Opened {
  const { Body, ContentLength = 0, ETag } = output;
  return {
    body: Body!.transformToWebStream() as ReadableStream<Bytes>,
    length: ContentLength,
    etag: withoutQuotes(ETag),
  };
}

/** `bytes=5-9` for 5 to 10, 10 excluded. */
function rangeHeader({ start, end }: ObjectRange): string {
  return `bytes=${start}-${end === Infinity ? "" : end - 1}`;
}

function emptyStream(): ReadableStream<Bytes> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

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
   * @param bucket The bucket's name.
   * @param prefix The start of all keys: empty, or with `/` at its end.
   * @param settings How to reach the bucket.
   * @throws {StorageError} If a setting is wrong.
   */
  constructor(bucket: string, prefix: string, settings: StoreSettings) {
    this.uri = `s3://${bucket}/${prefix}`;
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#client = clientFor(settings);
    this.#attempts = settings.attempts ?? DEFAULT_ATTEMPTS;
  }

  /** How the SDK names a key's object. */
  #object(key: string): { Bucket: string; Key: string } {
    checkKey(this.uri, key);
    return { Bucket: this.#bucket, Key: `${this.#prefix}${key}` };
  }

  /** Does something with a key's object. */
  #with<T>(
    action: string,
    key: string,
    work: (location: string) => Promise<T>,
    { signal }: StoreOptions,
  ): Promise<T> {
    const location = `${this.uri}${key}`;
    return withS3Errors({ action, location, signal }, () => work(location));
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
    const { range, signal } = options;
    return this.#with("read", key, async (location) => {
      if (range !== undefined) checkRange(location, range);
      const object = this.#object(key);
      const open = async (part?: ObjectRange) => {
        const Range = part === undefined ? undefined : rangeHeader(part);
        const command = new GetObjectCommand({ ...object, Range });
        return openedOf(await this.#client.send(command, sendOptions(signal)));
      };
      if (range?.start === range?.end && range !== undefined) {
        await this.#client.send(
          new HeadObjectCommand(object),
          sendOptions(signal),
        );
        return emptyStream();
      }
      try {
        const first = await open(range);
        const start = range?.start ?? 0;
        const attempts = this.#attempts;
        return resumedBody(first, { location, start, attempts, open, signal });
      } catch (error) {
        if (statusOf(error) === 416) return emptyStream();
        throw error;
      }
    }, options);
  }

  /** What is known of an object; null where there is none. */
  head(key: string, options: StoreOptions = {}): Promise<ObjectInfo | null> {
    return this.#with("look up", key, async () => {
      try {
        const command = new HeadObjectCommand(this.#object(key));
        const { ContentLength = 0, ETag } = await this.#client.send(
          command,
          sendOptions(options.signal),
        );
        return { key, size: ContentLength, etag: withoutQuotes(ETag) };
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    }, options);
  }

  /**
   * All objects whose keys start so, ordered by key (UTF-8 bytes). The empty
   * objects with `/` at their end by which consoles mark folders are left out.
   */
  async *list(
    prefix: string,
    { signal, startAfter = "" }: ListOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    if (prefix !== "") checkKey(this.uri, prefix);
    const location = `${this.uri}${prefix}`;
    try {
      signal?.throwIfAborted();
      const pages = paginateListObjectsV2({ client: this.#client }, {
        Bucket: this.#bucket,
        Prefix: `${this.#prefix}${prefix}`,
        ...startAfter !== "" && { StartAfter: `${this.#prefix}${startAfter}` },
      }, sendOptions(signal));
      for await (const { Contents = [] } of pages) {
        for (const { Key = "", Size = 0, ETag } of Contents) {
          signal?.throwIfAborted();
          const key = Key.slice(this.#prefix.length);
          if (key === "" || key.endsWith("/") && Size === 0) continue;
          yield { key, size: Size, etag: withoutQuotes(ETag) };
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
    return this.#with("create", key, async (location) => {
      for (let attempt = 1; attempt <= this.#attempts; attempt++) {
        if (await this.#putNew(key, bytes, options)) return true;
        const isSame = await this.#isSame(key, bytes, options);
        if (isSame !== null) return isSame;
        const delay = FIRST_DELAY * 2 ** (attempt - 1);
        const { signal } = options;
        await setTimeout(delay, undefined, signal && { signal });
      }
      const message = `Cannot create ${location} as others must let go of ` +
        `it: current value is ${this.#attempts} conflicts`;
      throw new StorageError(message, "unavailable");
    }, options);
  }

  /** Whether the object was written; false for one that was there, or a race. */
  async #putNew(
    key: string,
    bytes: Bytes,
    { contentType, signal }: WriteOptions,
  ): Promise<boolean> {
    const command = new PutObjectCommand({
      ...this.#object(key),
      Body: bytes,
      ContentType: contentType,
      IfNoneMatch: "*",
    });
    try {
      await this.#client.send(command, sendOptions(signal));
      return true;
    } catch (error) {
      if ([409, 412].includes(statusOf(error) ?? 0)) return false;
      throw error;
    }
  }

  /** Whether the object there has these bytes; null where there is none. */
  async #isSame(
    key: string,
    bytes: Bytes,
    options: StoreOptions,
  ): Promise<boolean | null> {
    const there = await this.head(key, options);
    if (there === null) return null;
    if (there.size !== bytes.length) return false;
    const md5 = createHash("md5").update(bytes).digest("hex");
    if (there.etag === md5) return true;
    const read = await this.read(key, options);
    return read.every((byte, i) => byte === bytes[i]);
  }

  /** Writes an object, over another one if need be. */
  put(
    key: string,
    body: Bytes | ReadableStream<Bytes>,
    options: WriteOptions = {},
  ): Promise<void> {
    const { contentType, signal } = options;
    return this.#with("write", key, async () => {
      const upload = new Upload({
        client: this.#client,
        params: {
          ...this.#object(key),
          Body: body,
          ContentType: contentType,
        },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
      });
      const abort = () => void upload.abort();
      signal?.addEventListener("abort", abort, { once: true });
      try {
        await upload.done();
      } finally {
        signal?.removeEventListener("abort", abort);
      }
    }, options);
  }

  /** Removes an object; no error where there is none. */
  delete(key: string, options: StoreOptions = {}): Promise<void> {
    return this.#with("delete", key, async () => {
      const command = new DeleteObjectCommand(this.#object(key));
      await this.#client.send(command, sendOptions(options.signal));
    }, options);
  }
}

function sendOptions(
  signal: AbortSignal | undefined,
): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
