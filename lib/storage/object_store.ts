/**
 * The interface of every store of objects: a local folder or a bucket.
 *
 * @module
 */
import type { ByteRange } from "../files/stored_bytes.ts";

/** Facts about an object that need no reading. */
export interface ObjectInfo {
  /** Its name below the store's root, with `/`. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Changes whenever the bytes do; without quotes. */
  readonly etag: string;
}

/** Options of every method. */
export interface StoreOptions {
  /** Ends the call early, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options of {@linkcode ObjectStore.read} and {@linkcode ObjectStore.stream}. */
export interface ReadOptions extends StoreOptions {
  /** The part to read, which may reach past the end; all where absent. */
  readonly range?: ByteRange;
  /**
   * Required ETag. If the object now has another one, the read fails with
   * `missing`.
   */
  readonly etag?: string;
  /**
   * The most bytes to take. A store that gives more, or says that it will,
   * fails with `too_large`.
   *
   * @default {1 GiB where they are read into memory, else any number}
   */
  readonly maxBytes?: number;
}

/** Options of {@linkcode ObjectStore.list}. */
export interface ListOptions extends StoreOptions {
  /** Only keys that come after this one. */
  readonly startAfter?: string;
  /**
   * Whether objects may come in any order. A bucket is then listed in several
   * ranges at a time.
   *
   * @default {false}
   */
  readonly anyOrder?: boolean;
}

/** Options of {@linkcode ObjectStore.create} and {@linkcode ObjectStore.put}. */
export interface WriteOptions extends StoreOptions {
  /** The media type to keep with the object, where the store has a place. */
  readonly contentType?: string;
}

/** Objects by key below one root. All methods throw {@linkcode StorageError}. */
export interface ObjectStore {
  /** The root's address, with a trailing `/`. */
  readonly uri: string;
  /** Reads an object, or a part of it, into memory. */
  read(key: string, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Opens an object, or a part of it. */
  stream(
    key: string,
    options?: ReadOptions,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** Looks an object up; null where there is none. */
  head(key: string, options?: StoreOptions): Promise<ObjectInfo | null>;
  /** All objects whose keys start so, ordered by key (UTF-8 bytes). */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectInfo>;
  /**
   * Writes a new object whole. If the response is lost, the object that is
   * there is compared with the bytes.
   *
   * @returns Whether the object with these bytes is now there; false where
   * another object has that key, which stays as it is.
   */
  create(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    options?: WriteOptions,
  ): Promise<boolean>;
  /** Writes an object, over another one if need be; it appears whole. */
  put(
    key: string,
    body:
      | Uint8Array<ArrayBuffer>
      | ReadableStream<Uint8Array<ArrayBuffer>>,
    options?: WriteOptions,
  ): Promise<void>;
  /** Removes an object; no error where there is none. */
  delete(key: string, options?: StoreOptions): Promise<void>;
}

/** Why a store failed. */
export type StorageFailure =
  /** There is no such object or bucket. */
  | "missing"
  /** The credentials do not allow it. */
  | "denied"
  /** The address, the key or the store's settings are wrong. */
  | "invalid"
  /** There are more bytes than may be read. */
  | "too_large"
  /** This user may not read the one file, though its folder can be listed. */
  | "unreadable"
  /** It could not be reached, or failed, after all retries. */
  | "unavailable";

/** Thrown when a store cannot do what it was asked. */
export class StorageError extends Error {
  /** Its name. */
  override name = "StorageError";
  /** Why. Only `unavailable` is worth another attempt. */
  readonly failure: StorageFailure;

  /** Constructs an error from a sentence, the kind of failure and a cause. */
  constructor(
    message: string,
    failure: StorageFailure,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.failure = failure;
  }
}

/** The most bytes that are read into memory where no other bound is given. */
export const MOST_READ: number = 2 ** 30;

/** The error for an object with more bytes than may be read. */
export function tooLarge(
  location: string,
  maxBytes: number,
  value: number | string = "more",
): StorageError {
  const message = `Cannot read ${location} as it must have at most ` +
    `${maxBytes} bytes: current value is ${value}`;
  return new StorageError(message, "too_large");
}

/** Whether an error says that there is no such object. */
export function isMissingObject(error: unknown): boolean {
  return error instanceof StorageError && error.failure === "missing";
}

/** Whether an error says that an object is too large. */
export function isTooLarge(error: unknown): error is StorageError {
  return error instanceof StorageError && error.failure === "too_large";
}

/** Whether a failure is of one object, while others can still be read. */
export function isOfObject({ failure }: StorageError): boolean {
  return ["missing", "too_large", "unreadable"].includes(failure);
}

/**
 * Reads an object that may be missing.
 *
 * @returns Its bytes; null where there is none.
 * @throws {StorageError} If the store fails.
 */
export async function readIfThere(
  store: ObjectStore,
  key: string,
  options: ReadOptions = {},
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await store.read(key, options);
  } catch (error) {
    if (isMissingObject(error)) return null;
    throw error;
  }
}
