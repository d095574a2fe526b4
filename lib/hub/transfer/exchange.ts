/**
 * The requests for one file, and what is done with the responses.
 *
 * @module
 */
import { dirname } from "node:path";
import { saveBody, Watchdog } from "./body.ts";
import type { ByteRange } from "../../files/stored_bytes.ts";
import { assertRoom, type FreeBytes } from "./disk_space.ts";
import {
  type Expectation,
  sizeMismatch,
  tooLong,
  unfit,
} from "./expectation.ts";
import {
  answerOf,
  type FileVersion,
  isMarked,
  isSameVersion,
  partHeaders,
} from "./file_version.ts";
import { type Credentials, request, shownUrl } from "./http.ts";
import { retryAfterOf } from "../../async/retry.ts";
import { DownloadError, failureOfStatus } from "../download_error.ts";
import { inParallel } from "../../async/in_parallel.ts";
import type { PartialFile } from "./partial_file.ts";

/** Options of {@linkcode Exchange}. */
export interface ExchangeOptions {
  /** Path of the file when it is whole. */
  readonly target: string;
  /** What is known of the file. */
  readonly expected: Expectation;
  /** The most bytes of a file whose size is not known. */
  readonly mostBytes: number;
  /** Sent to their origin only. */
  readonly credentials: Credentials | undefined;
  /** Ends requests. */
  readonly signal: AbortSignal;
  /** Bytes of one request. */
  readonly segmentBytes: number;
  /** Requests side by side. */
  readonly connections: number;
  /** Milliseconds without any byte after which a request is given up. */
  readonly stallMilliseconds: number;
  /** Finds the room on the disk. */
  readonly free: FreeBytes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called for each chunk: bytes received, and bytes of the whole file. */
  readonly onProgress: (received: number, total: number | null) => void;
}

/** Changes of the file after which the download fails. */
const MOST_CHANGES = 4;

/** Statuses by which a server says that the file has changed. */
const CHANGED: ReadonlySet<number> = new Set([200, 206, 412, 416]);

/** The requests for one file. */
export class Exchange {
  readonly #address: string;
  readonly #shown: string;
  readonly #file: PartialFile;
  readonly #options: ExchangeOptions;
  #mayJoin = true;
  #sendsParts = true;
  #changes = 0;
  #hasChanged = false;
  #received = 0;

  /** */
  constructor(address: string, file: PartialFile, options: ExchangeOptions) {
    this.#address = address;
    this.#shown = shownUrl(address);
    this.#file = file;
    this.#options = options;
  }

  /**
   * Asks for bytes that are missing.
   *
   * @returns Whether all are there.
   * @throws {Error} If a request fails; what came before is kept.
   */
  async round(): Promise<boolean> {
    const { version, received } = this.#file;
    if (version === undefined) return await this.#begin();
    const { size } = version;
    if (size === received) return true;
    if (size === null || !this.#sendsParts || !this.#isJoinable(version)) {
      return await this.#begin();
    }
    this.#received = received;
    await this.#assertRoom(size - received);
    await this.#fetchMissing(version);
    return this.#file.missing(this.#options.segmentBytes).length === 0;
  }

  /** Whether parts of different versions would be noticed. */
  #isJoinable(version: FileVersion): boolean {
    return this.#options.expected.sha256 !== undefined || isMarked(version);
  }

  /** The first request, whose answer tells what the server can. */
  async #begin(): Promise<boolean> {
    const { expected, segmentBytes: end, signal } = this.#options;
    const isShort = (expected.size ?? Infinity) <= end;
    const asked = isShort || !this.#mayJoin ? undefined : { start: 0, end };
    await this.#file.discard();
    this.#received = 0;
    using watchdog = this.#watch(signal);
    const response = await this.#request(asked, watchdog);
    const { sent, version } = answerOf(response);
    this.#sendsParts = asked === undefined || response.status !== 200;
    if (asked === undefined || response.status !== 206) {
      await this.#takeWhole(response, watchdog);
      return true;
    }
    const whole = sent?.end === version.size;
    const isUsable = whole || this.#isJoinable(version);
    if (sent?.start !== 0 || version.size === null || !isUsable) {
      this.#mayJoin = false;
      await response.body?.cancel();
      return false;
    }
    await this.#start(version);
    await this.#read(response, sent, watchdog);
    return whole;
  }

  /** Takes a response that holds the whole file. */
  async #takeWhole(response: Response, watchdog: Watchdog): Promise<void> {
    const { status } = response;
    const { version } = answerOf(response);
    const isEmpty = status === 416 && version.size === 0;
    if (status !== 200 && !isEmpty) {
      await response.body?.cancel();
      throw this.#statusError(response);
    }
    await this.#start(version);
    if (isEmpty) {
      await response.body?.cancel();
      (await this.#file.openAt(0)).close();
    } else {
      const end = version.size ?? Infinity;
      try {
        await this.#read(response, { start: 0, end }, watchdog);
      } catch (error) {
        // No later run can go on with them, and they may fill the disk.
        if (version.size === null) await this.#file.discard();
        throw error;
      }
      this.#file.begin({ ...version, size: this.#file.received });
    }
  }

  /** Refuses an unpublished size that is larger than any may be. */
  #assertBounded(bytes: number): void {
    const { expected, mostBytes } = this.#options;
    if (expected.size !== undefined || bytes <= mostBytes) return;
    throw tooLong(this.#shown, mostBytes, bytes);
  }

  /** Asks for all missing parts, several at a time. */
  async #fetchMissing(version: FileVersion): Promise<void> {
    const { connections, segmentBytes, signal } = this.#options;
    try {
      await inParallel(
        this.#file.missing(segmentBytes),
        (range, signal) => this.#fetchPart(range, version, signal),
        { limit: connections, signal },
      );
    } catch (error) {
      throw this.#hasChanged ? await this.#startAfresh() : error;
    }
  }

  async #fetchPart(
    range: ByteRange,
    version: FileVersion,
    signal: AbortSignal,
  ): Promise<void> {
    using watchdog = this.#watch(signal);
    const response = await this.#request(range, watchdog, version);
    const { sent, version: now } = answerOf(response);
    const fits = sent !== undefined && sent.start === range.start &&
      sent.end <= range.end && isSameVersion(version, now);
    if (fits) return await this.#read(response, sent, watchdog);
    await response.body?.cancel();
    if (response.status === 200 && isSameVersion(version, now)) {
      this.#sendsParts = false;
      throw new DownloadError(
        `Cannot go on with ${this.#shown} as the server must send a part of it: it sends all of it`,
        "unavailable",
      );
    }
    this.#hasChanged ||= CHANGED.has(response.status);
    throw this.#statusError(response);
  }

  /** The error for a response that is not the file. */
  #statusError({ status, headers }: Response): DownloadError {
    const message = `Cannot download ${this.#shown} as the server must send ` +
      `it: current value is status ${status}`;
    const retryAfter = retryAfterOf(headers, this.#options.now());
    return new DownloadError(message, failureOfStatus(status), { retryAfter });
  }

  /** Forgets what cannot be joined with what the server has now. */
  async #startAfresh(): Promise<Error> {
    this.#hasChanged = false;
    this.#changes += 1;
    this.#mayJoin = this.#changes < MOST_CHANGES / 2;
    await this.#file.discard();
    const message = `Cannot join the parts of ${this.#shown} as the server ` +
      `must send them, all of one version of the file`;
    const isOver = this.#changes >= MOST_CHANGES;
    return new DownloadError(message, isOver ? "refused" : "unavailable");
  }

  /** Begins a version, if it can be the right one and there is room for it. */
  async #start(version: FileVersion): Promise<void> {
    const { expected } = this.#options;
    const size = version.size ?? expected.size ?? 0;
    const problem = version.size === null
      ? undefined
      : sizeMismatch(expected, size);
    if (problem !== undefined) throw unfit(this.#shown, problem);
    this.#assertBounded(size);
    await this.#assertRoom(size);
    this.#file.begin(version);
  }

  async #assertRoom(bytes: number): Promise<void> {
    const { target, free } = this.#options;
    await assertRoom(dirname(target), { what: target, bytes, free });
  }

  #watch(signal: AbortSignal): Watchdog {
    const { stallMilliseconds: milliseconds } = this.#options;
    return new Watchdog(signal, { milliseconds, shown: this.#shown });
  }

  async #request(
    range: ByteRange | undefined,
    { signal }: Watchdog,
    version?: FileVersion,
  ): Promise<Response> {
    const { credentials } = this.#options;
    return await request(this.#address, {
      headers: partHeaders(range, version),
      ...credentials && { credentials },
      signal,
    });
  }

  async #read(
    response: Response,
    range: ByteRange,
    watchdog: Watchdog,
  ): Promise<void> {
    const { expected, mostBytes, target, onProgress } = this.#options;
    await saveBody(response, this.#file, {
      range,
      // One more than expected shows that the file is too long.
      most: (expected.size ?? mostBytes) + 1,
      watchdog,
      shown: this.#shown,
      target,
      assertRoom: (bytes) => this.#assertRoom(bytes),
      onBytes: (count) => {
        this.#received += count;
        onProgress(this.#received, this.#file.version?.size ?? null);
      },
    });
    this.#assertBounded(this.#file.received);
  }
}
