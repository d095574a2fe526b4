/**
 * An object as bytes that can be opened again and again, such as an archive.
 *
 * @module
 */
import type { StoredBytes } from "../files/stored_bytes.ts";
import {
  type ObjectStore,
  StorageError,
  type StoreOptions,
} from "./object_store.ts";

type Chunk = Uint8Array<ArrayBuffer>;

/** A stream that is opened when it is first read. */
function lazyStream(
  open: () => Promise<ReadableStream<Chunk>>,
): ReadableStream<Chunk> {
  let reader: ReadableStreamDefaultReader<Chunk> | undefined;
  return new ReadableStream<Chunk>({
    async pull(controller) {
      reader ??= (await open()).getReader();
      const { value } = await reader.read();
      if (value === undefined) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await reader?.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/**
 * Looks an object up, to read it in parts.
 *
 * @returns Its bytes. Reading fails once another version is there.
 * @throws {StorageError} If there is no such object.
 */
export async function storedObject(
  store: ObjectStore,
  key: string,
  options: StoreOptions = {},
): Promise<StoredBytes> {
  const location = `${store.uri}${key}`;
  const found = await store.head(key, options);
  if (found === null) {
    const message = `Cannot read ${location} as the object must exist`;
    throw new StorageError(message, "missing");
  }
  const { size, etag } = found;
  return {
    location,
    size,
    open(range = { start: 0, end: size }) {
      const isAll = range.start === 0 && range.end >= size;
      const part = isAll ? { maxBytes: size } : { range };
      return lazyStream(() => store.stream(key, { ...options, ...part, etag }));
    },
  };
}
