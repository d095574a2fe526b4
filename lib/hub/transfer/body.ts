/**
 * The body of a response, on its way to disk.
 *
 * @module
 */
import { withDiskErrors } from "../../files/disk_error.ts";
import { writeAll } from "../../files/whole_file.ts";
import { DownloadError } from "../download_error.ts";
import type { ByteRange } from "../../files/stored_bytes.ts";
import { networkReason } from "./http.ts";
import type { PartialFile } from "./partial_file.ts";

/** Options of {@linkcode saveBody}. */
export interface SaveOptions {
  /** The bytes that the body holds; the end may be Infinity. */
  readonly range: ByteRange;
  /** Bytes of the file after which the rest of the body is not read. */
  readonly most: number;
  /** Ends the request when nothing comes; touched at each chunk. */
  readonly watchdog: Watchdog;
  /** What messages about the connection call the file. */
  readonly shown: string;
  /** What messages about the disk call the file. */
  readonly target: string;
  /** Called with the number of bytes of each chunk. */
  readonly onBytes: (count: number) => void;
  /** Checks the room for the next block of a body of no length. */
  readonly assertRoom: (bytes: number) => Promise<void>;
}

/** Written bytes after which a long body is recorded. */
const BLOCK = 4 * 2 ** 20;

/** Ends a request when nothing has come for too long. */
export class Watchdog {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  readonly #shown: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Aborted when the time is up, or with the outer signal. */
  readonly signal: AbortSignal;

  /**
   * Starts to wait.
   *
   * @param outer Also ends the request.
   * @param options For how long, and what messages call the file.
   */
  constructor(
    outer: AbortSignal,
    options: { readonly milliseconds: number; readonly shown: string },
  ) {
    this.#milliseconds = options.milliseconds;
    this.#shown = options.shown;
    this.signal = AbortSignal.any([outer, this.#controller.signal]);
    this.touch();
  }

  /** Starts the time limit anew. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const seconds = this.#milliseconds / 1000;
      const message = `Cannot download ${this.#shown} as the server must ` +
        `send something within ${seconds} s: nothing came`;
      this.#controller.abort(new DownloadError(message, "unavailable"));
    }, this.#milliseconds);
  }

  /** Stops the timer, and ends the rest of the request. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}

async function* chunksOf(
  response: Response,
  shown: string,
  watchdog: Watchdog,
): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      watchdog.touch();
      yield value;
    }
  } catch (error) {
    if (watchdog.signal.aborted) throw watchdog.signal.reason;
    throw new DownloadError(
      `Cannot download ${shown} as the connection must last: ${
        networkReason(error)
      }`,
      "unavailable",
    );
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * Writes a body to its place in a file; what came before a failure stays.
 *
 * @throws {DownloadError} If the connection is lost, or nothing comes for too
 * long.
 * @throws {DiskError} If the disk cannot hold it.
 */
export async function saveBody(
  response: Response,
  file: PartialFile,
  options: SaveOptions,
): Promise<void> {
  const { range: { start, end }, most, watchdog, shown, target } = options;
  const out = await file.openAt(start);
  let at = start;
  let recorded = start;
  try {
    for await (const chunk of chunksOf(response, shown, watchdog)) {
      const part = chunk.subarray(0, Math.min(end, most) - at);
      await withDiskErrors(target, writeAll(out, part));
      at += part.length;
      options.onBytes(part.length);
      if (at - recorded >= BLOCK) {
        await file.add({ start: recorded, end: at });
        recorded = at;
        if (end === Infinity) await options.assertRoom(BLOCK);
      }
      if (part.length < chunk.length) break;
    }
  } finally {
    out.close();
    if (at > recorded) await file.add({ start: recorded, end: at });
  }
  if (at >= end || end === Infinity) return;
  throw new DownloadError(
    `Cannot download ${shown} as the connection must last: it was cut off after ${at} of ${end} bytes`,
    "unavailable",
  );
}
