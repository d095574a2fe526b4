/**
 * A folder whose links lead nowhere else.
 *
 * @module
 */
import {
  type ListOptions,
  type ObjectInfo,
  type ObjectStore,
  type ReadOptions,
  StorageError,
  type StoreOptions,
  type WriteOptions,
} from "../../storage/object_store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Leaves out of a store what its links lead to elsewhere. */
export class InsideStore implements ObjectStore {
  /** The folder's address. */
  readonly uri: string;
  readonly #store: ObjectStore;
  readonly #isInside: (key: string) => Promise<boolean>;

  /**
   * Constructs a store from another.
   *
   * @param store The folder, with all that its links lead to.
   * @param isInside Whether a key's file is really in the folder.
   */
  constructor(
    store: ObjectStore,
    isInside: (key: string) => Promise<boolean>,
  ) {
    this.uri = store.uri;
    this.#store = store;
    this.#isInside = isInside;
  }

  async #checked(key: string): Promise<string> {
    if (await this.#isInside(key)) return key;
    const message = `Cannot use a key in ${this.uri} as its file must be ` +
      `there, not elsewhere by a link: current value is ${JSON.stringify(key)}`;
    throw new StorageError(message, "denied");
  }

  /** Reads an object, or a part of it, into memory. */
  async read(key: string, options?: ReadOptions): Promise<Bytes> {
    return await this.#store.read(await this.#checked(key), options);
  }

  /** Opens an object, or a part of it. */
  async stream(
    key: string,
    options?: ReadOptions,
  ): Promise<ReadableStream<Bytes>> {
    return await this.#store.stream(await this.#checked(key), options);
  }

  /** The facts about an object; `null` if it does not exist. */
  async head(key: string, options?: StoreOptions): Promise<ObjectInfo | null> {
    return await this.#store.head(await this.#checked(key), options);
  }

  /** All objects whose keys start with a prefix, without those elsewhere. */
  async *list(
    prefix: string,
    options?: ListOptions,
  ): AsyncGenerator<ObjectInfo> {
    for await (const info of this.#store.list(prefix, options)) {
      if (await this.#isInside(info.key)) yield info;
    }
  }

  /** Writes a new object whole; `false` where the key is taken. */
  async create(
    key: string,
    bytes: Bytes,
    options?: WriteOptions,
  ): Promise<boolean> {
    return await this.#store.create(await this.#checked(key), bytes, options);
  }

  /** Writes an object, over one that is there. */
  async put(
    key: string,
    body: Bytes | ReadableStream<Bytes>,
    options?: WriteOptions,
  ): Promise<void> {
    await this.#store.put(await this.#checked(key), body, options);
  }

  /** Removes an object. It is no error if it does not exist. */
  async delete(key: string, options?: StoreOptions): Promise<void> {
    await this.#store.delete(await this.#checked(key), options);
  }
}
