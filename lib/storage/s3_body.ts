/**
 * Reads an object's bytes, and goes on after a broken connection.
 *
 * @module
 */
import type { ByteRange } from "../files/stored_bytes.ts";
import { StorageError, tooLarge } from "./object_store.ts";
import { s3Error } from "./s3_errors.ts";
import { waitAfter } from "./s3_retry.ts";

/** What a store answered to a request for a part. */
export interface Opened {
  /** Its bytes. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** How many there will be; Infinity where the store did not say. */
  readonly length: number;
  /** Which version of the object they are of. */
  readonly etag: string;
}

/** How {@linkcode resumedBody} asks again. */
export interface Resuming {
  /** The object's address. */
  readonly location: string;
  /** Where the first answer starts in the object. */
  readonly start: number;
  /** Failures in a row, without a byte between them, after which to give up. */
  readonly attempts: number;
  /** The most bytes to take; the store need not say how many there will be. */
  readonly maxBytes: number;
  /** Asks for a part. */
  readonly open: (range: ByteRange) => Promise<Opened>;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads on where a body broke off, as long as the object is the same. */
class ResumedSource
  implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #first: Opened;
  readonly #how: Resuming;
  #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  #done = 0;
  #length: number;
  #failures = 0;
  readonly #onAbort: () => void;

  constructor(first: Opened, how: Resuming) {
    this.#first = first;
    this.#how = how;
    this.#length = first.length;
    this.#reader = first.body.getReader();
    this.#onAbort = () => void this.cancel();
    how.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  async pull(
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    const { location, signal } = this.#how;
    try {
      const chunk = await this.#next();
      this.#assertBounded();
      if (chunk !== undefined) controller.enqueue(chunk);
      if (this.#done < this.#length) return;
      await this.cancel();
      controller.close();
    } catch (error) {
      await this.cancel();
      throw s3Error(error, { action: "read", location, signal });
    }
  }

  async cancel(): Promise<void> {
    this.#how.signal?.removeEventListener("abort", this.#onAbort);
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.cancel().catch(() => {});
  }

  /** The next bytes, or undefined where there are none. */
  async #next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#done < this.#length) {
      try {
        this.#how.signal?.throwIfAborted();
        this.#reader ??= await this.#reopen();
        const { value } = await this.#reader.read();
        if (value === undefined) {
          this.#endWhereUnknown();
          return undefined;
        }
        const chunk = value.subarray(0, this.#length - this.#done);
        this.#done += chunk.length;
        this.#failures = 0;
        return chunk;
      } catch (error) {
        await this.#fail(error);
      }
    }
    return undefined;
  }

  #assertBounded(): void {
    const { location, maxBytes } = this.#how;
    if (this.#done > maxBytes) throw tooLarge(location, maxBytes);
  }

  /** If the store did not say the length, the object ends with the body. */
  #endWhereUnknown(): void {
    if (this.#length !== Infinity) throw new Error("The body ended early");
    this.#length = this.#done;
  }

  async #fail(error: unknown): Promise<void> {
    const { attempts, signal } = this.#how;
    this.#reader = undefined;
    this.#failures += 1;
    const isOver = this.#failures >= attempts || error instanceof StorageError;
    if (isOver || signal?.aborted) throw error;
    if (this.#failures > 1) await waitAfter(this.#failures - 1, signal);
  }

  async #reopen(): Promise<
    ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>
  > {
    const { location, open, start } = this.#how;
    const { etag, length } = this.#first;
    const range = { start: start + this.#done, end: start + length };
    const opened = await open(range);
    if (opened.etag === etag) return opened.body.getReader();
    await opened.body.cancel();
    const message = `Cannot read ${location} as it must not change ` +
      "meanwhile: current value is another version";
    throw new StorageError(message, "unavailable");
  }
}

/**
 * Joins the answers for one object: where a body breaks off or stalls, the
 * rest is asked for.
 */
export function resumedBody(
  first: Opened,
  how: Resuming,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = new ResumedSource(first, how);
  return new ReadableStream(source, { highWaterMark: 0 });
}
