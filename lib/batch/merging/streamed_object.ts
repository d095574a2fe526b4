/**
 * An object that is written piece by piece.
 *
 * @module
 */
import { begin } from "../../async/begin.ts";
import type { ObjectStore, WriteOptions } from "../../storage/object_store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An object that appears when it is closed, and never when it is abandoned. */
export class StreamedObject {
  #controller!: ReadableStreamDefaultController<Bytes>;
  /** Resolves when the store asks for more. */
  #asked = Promise.withResolvers<void>();
  readonly #stored: Promise<void>;

  /** Starts to write an object. */
  constructor(out: ObjectStore, key: string, options: WriteOptions) {
    const body = new ReadableStream<Bytes>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#asked.resolve(),
    }, { highWaterMark: 0 });
    this.#stored = begin(out.put(key, body, options));
  }

  /**
   * Hands on the next bytes, once the store has taken those before them.
   *
   * @throws {StorageError} If the store fails.
   */
  async write(bytes: Bytes): Promise<void> {
    await Promise.race([this.#stored, this.#asked.promise]);
    this.#asked = Promise.withResolvers();
    this.#controller.enqueue(bytes);
  }

  /**
   * Completes the object.
   *
   * @throws {StorageError} If the store fails.
   */
  async close(): Promise<void> {
    this.#controller.close();
    await this.#stored;
  }

  /** Gives the object up, unless it is there already. */
  async abandon(reason: unknown): Promise<void> {
    try {
      this.#controller.error(reason);
    } catch {
      // It was closed or given up before.
    }
    await this.#stored.catch(() => {});
  }
}
