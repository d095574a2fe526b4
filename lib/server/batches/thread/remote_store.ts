/**
 * Stores of another thread, which has the credentials and the connections.
 *
 * @module
 */
import type { Stores } from "../../../batch/stores.ts";
import type {
  ListOptions,
  ObjectInfo,
  ObjectStore,
  ReadOptions,
  StoreOptions,
  WriteOptions,
} from "../../../storage/object_store.ts";
import { type Calls, type Method, Moved } from "./calls.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Names of objects that come in one answer. */
const PAGE = 1000;

/** Bytes as they are moved: all of a buffer of their own. */
function movable(bytes: Bytes): Bytes {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** What of the options goes along; callers give objects with more in them. */
function plain(
  { range, etag, maxBytes, startAfter, anyOrder, contentType }:
    & ReadOptions
    & ListOptions
    & WriteOptions,
): object {
  return {
    ...range !== undefined && { range },
    ...etag !== undefined && { etag },
    ...maxBytes !== undefined && { maxBytes },
    ...startAfter !== undefined && { startAfter },
    ...anyOrder !== undefined && { anyOrder },
    ...contentType !== undefined && { contentType },
  };
}

/** A store whose work another thread does. */
class RemoteStore implements ObjectStore {
  readonly uri: string;
  readonly #calls: Calls;

  constructor(calls: Calls, uri: string) {
    this.#calls = calls;
    this.uri = uri;
  }

  #call<T>(
    method: string,
    args: unknown[],
    options: StoreOptions = {},
    moved: ArrayBuffer[] = [],
  ): Promise<T> {
    const { signal } = options;
    const all = [this.uri, ...args, plain(options)];
    return this.#calls.call<T>(`store.${method}`, all, { signal, moved });
  }

  async read(key: string, options?: ReadOptions): Promise<Bytes> {
    return await this.#call("read", [key], options);
  }

  async stream(
    key: string,
    options?: ReadOptions,
  ): Promise<ReadableStream<Bytes>> {
    const id = await this.#call<number>("open", [key], options);
    return new ReadableStream<Bytes>({
      pull: async (controller) => {
        const chunk = await this.#call<Bytes | null>("chunk", [id]);
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => this.#call("cancel", [id]),
    }, { highWaterMark: 0 });
  }

  async head(key: string, options?: StoreOptions): Promise<ObjectInfo | null> {
    return await this.#call("head", [key], options);
  }

  async *list(
    prefix: string,
    options: ListOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    const id = await this.#call<number>("list", [prefix], options);
    try {
      for (;;) {
        const page = await this.#call<ObjectInfo[]>("page", [id], options);
        yield* page;
        if (page.length < PAGE) return;
      }
    } finally {
      await this.#call("endList", [id]);
    }
  }

  async create(
    key: string,
    bytes: Bytes,
    options?: WriteOptions,
  ): Promise<boolean> {
    // The caller may use its bytes again, so that a copy moves.
    const copy = bytes.slice();
    return await this.#call("create", [key, copy], options, [copy.buffer]);
  }

  async put(
    key: string,
    body: Bytes | ReadableStream<Bytes>,
    options?: WriteOptions,
  ): Promise<void> {
    const copy = body instanceof Uint8Array
      ? body.slice()
      : await new Response(body).bytes();
    await this.#call("put", [key, copy], options, [copy.buffer]);
  }

  async delete(key: string, options?: StoreOptions): Promise<void> {
    await this.#call("delete", [key], options);
  }
}

/**
 * Opens stores of the other side by canonical addresses.
 *
 * @param calls Leads to the other side.
 */
export function remoteStores(calls: Calls): Stores {
  const folder = (uri: string) => new RemoteStore(calls, uri);
  return {
    folder,
    object: (uri) => {
      const at = uri.lastIndexOf("/") + 1;
      const name = uri.slice(at);
      const key = uri.startsWith("file:") ? decodeURIComponent(name) : name;
      return { store: folder(uri.slice(0, at)), key };
    },
  };
}

/** Pages of a listing. */
class Listing {
  readonly #infos: AsyncIterator<ObjectInfo>;

  constructor(infos: AsyncIterable<ObjectInfo>) {
    this.#infos = infos[Symbol.asyncIterator]();
  }

  async page(): Promise<ObjectInfo[]> {
    const page: ObjectInfo[] = [];
    while (page.length < PAGE) {
      const { done, value } = await this.#infos.next();
      if (done) break;
      page.push(value);
    }
    return page;
  }

  async end(): Promise<void> {
    await this.#infos.return?.();
  }
}

/** What is open at one side for the other one, by number. */
class Opened<T> {
  readonly #all = new Map<number, T>();
  #next = 0;

  add(value: T): number {
    this.#all.set(this.#next, value);
    return this.#next++;
  }

  get(id: unknown): T {
    return this.#all.get(id as number)!;
  }

  remove(id: unknown): T | undefined {
    const value = this.#all.get(id as number);
    this.#all.delete(id as number);
    return value;
  }
}

/** Calls of {@linkcode remoteStores}, answered by streams and listings. */
function streamMethods(store: (uri: unknown) => ObjectStore) {
  const streams = new Opened<ReadableStreamDefaultReader<Bytes>>();
  const listings = new Opened<Listing>();
  const methods: Record<string, Method> = {
    "store.open": async ([uri, key, options]) => {
      const stream = await store(uri).stream(key as string, options as object);
      return streams.add(stream.getReader());
    },
    "store.chunk": async ([, id]) => {
      const { value } = await streams.get(id).read();
      if (value !== undefined) return new Moved(movable(value));
      streams.remove(id);
      return null;
    },
    "store.cancel": async ([, id]) => await streams.remove(id)?.cancel(),
    "store.list": ([uri, prefix, options]) => {
      const listed = store(uri).list(prefix as string, options as ListOptions);
      return Promise.resolve(listings.add(new Listing(listed)));
    },
    "store.page": async ([, id]) => await listings.get(id).page(),
    "store.endList": async ([, id]) => await listings.remove(id)?.end(),
  };
  return methods;
}

/**
 * Answers the calls of {@linkcode remoteStores}. What is read moves to the
 * other side, so stores must not keep it.
 *
 * @param stores Open any address.
 * @returns One method a call.
 */
export function storeMethods(stores: Stores): Record<string, Method> {
  const opened = new Map<unknown, ObjectStore>();
  function store(uri: unknown): ObjectStore {
    const found = opened.get(uri) ?? stores.folder(uri as string);
    opened.set(uri, found);
    return found;
  }
  return {
    ...streamMethods(store),
    "store.read": async ([uri, key, options], signal) => {
      const asked = { ...options as ReadOptions, signal };
      return new Moved(movable(await store(uri).read(key as string, asked)));
    },
    "store.head": ([uri, key, options], signal) =>
      store(uri).head(key as string, { ...options as object, signal }),
    "store.create": ([uri, key, bytes, options], signal) => {
      const asked = { ...options as WriteOptions, signal };
      return store(uri).create(key as string, bytes as Bytes, asked);
    },
    "store.put": async ([uri, key, bytes, options], signal) => {
      const asked = { ...options as WriteOptions, signal };
      await store(uri).put(key as string, bytes as Bytes, asked);
    },
    "store.delete": ([uri, key, options], signal) =>
      store(uri).delete(key as string, { ...options as object, signal }),
  };
}
