/**
 * Downloads one file, whole or not at all: in parallel parts where the server
 * can, from where an earlier run stopped, hashed on the way.
 *
 * @module
 */
import {
  type Clock,
  retry,
  type RetryPolicy,
  SYSTEM_CLOCK,
} from "../../async/retry.ts";
import { DownloadError } from "../download_error.ts";
import { type FreeBytes, freeBytes } from "./disk_space.ts";
import { Exchange } from "./exchange.ts";
import {
  type Expectation,
  type Measured,
  mismatch,
  unfit,
} from "./expectation.ts";
import { type Credentials, shownUrl } from "./http.ts";
import { PartialFile } from "./partial_file.ts";

/** How to transfer files: what holds for all of them. */
export interface TransferTuning {
  /**
   * Bytes of one request. Files of at most that many come in one.
   *
   * @default {16777216}
   */
  readonly segmentBytes?: number;
  /**
   * Requests side by side.
   *
   * @default {4}
   */
  readonly connections?: number;
  /**
   * Milliseconds without any byte after which a request is given up.
   *
   * @default {30000}
   */
  readonly stallMilliseconds?: number;
  /** How often and how long to wait. */
  readonly policy?: Partial<RetryPolicy>;
  /** Time, which tests replace. */
  readonly clock?: Clock;
  /** Finds the room on the disk. */
  readonly free?: FreeBytes;
}

/** How far a download is. */
export interface TransferProgress {
  /** Bytes that are there, those of earlier runs included. */
  readonly received: number;
  /** Bytes of the whole file, null where the server does not say. */
  readonly total: number | null;
}

/** Why a download starts again, and when. */
export interface TransferRetry {
  /** What went wrong. */
  readonly error: Error;
  /** Milliseconds until the next attempt. */
  readonly delay: number;
}

/** Options of {@linkcode transfer}. */
export interface TransferOptions extends TransferTuning {
  /** What is known of the file. */
  readonly expected?: Expectation;
  /**
   * The most bytes of a file whose size is not known.
   *
   * @default {64 GiB, ten times the largest data set}
   */
  readonly mostBytes?: number;
  /** Sent to their origin only. */
  readonly credentials?: Credentials;
  /** Stops the download. Its bytes are kept for a later run. */
  readonly signal?: AbortSignal;
  /** Called for each chunk. */
  readonly onProgress?: (progress: TransferProgress) => void;
  /** Called before each wait. */
  readonly onRetry?: (retry: TransferRetry) => void;
}

const SEGMENT = 16 * 2 ** 20;
const CONNECTIONS = 4;
const STALL = 30_000;
const MOST_BYTES = 2 ** 36;

/** How often a file may come damaged before that is the answer. */
const DAMAGED = 2;

/** Requests, until all bytes are there. */
async function receive(
  exchange: Exchange,
  file: PartialFile,
  options: TransferOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { policy, clock, signal, onRetry } = options;
  const work = async () => {
    while (!await exchange.round()) signal.throwIfAborted();
  };
  await retry(work, {
    policy,
    clock,
    signal,
    retryAfter: (error) =>
      error instanceof DownloadError && error.failure === "unavailable"
        ? error.retryAfter ?? 0
        : undefined,
    progress: () => file.received,
    onRetry: (error, delay) => onRetry?.({ error: error as Error, delay }),
  });
}

function exchangeFor(
  address: string,
  file: PartialFile,
  options: TransferOptions & {
    readonly target: string;
    readonly signal: AbortSignal;
  },
): Exchange {
  return new Exchange(address, file, {
    target: options.target,
    expected: options.expected ?? {},
    mostBytes: options.mostBytes ?? MOST_BYTES,
    credentials: options.credentials,
    signal: options.signal,
    segmentBytes: options.segmentBytes ?? SEGMENT,
    connections: options.connections ?? CONNECTIONS,
    stallMilliseconds: options.stallMilliseconds ?? STALL,
    free: options.free ?? freeBytes,
    now: () => (options.clock ?? SYSTEM_CLOCK).now(),
    onProgress: (received, total) => options.onProgress?.({ received, total }),
  });
}

/**
 * Downloads a file. It appears under its name only when it is whole and as
 * expected; until then its bytes are in `TARGET.part`, from where a later call
 * goes on. Two calls for one target must not run at once.
 *
 * @param target Path of the file; its folder must exist.
 * @param options What is known of the file, and how to download it.
 * @throws {DownloadError} If it cannot be downloaded, or is not as expected.
 * @throws {DiskError} If the disk cannot hold it.
 */
export async function transfer(
  address: string,
  target: string,
  options: TransferOptions = {},
): Promise<Measured> {
  const { expected = {}, onRetry } = options;
  const signal = options.signal ?? new AbortController().signal;
  const identity = expected.sha256 ?? address;
  const file = await PartialFile.open(target, identity);
  const run = { ...options, signal, target };
  const exchange = exchangeFor(address, file, run);
  for (let damaged = 1;; damaged++) {
    await receive(exchange, file, run);
    const size = file.received;
    const measured = { size, sha256: await file.digest() };
    const problem = mismatch(expected, measured);
    if (problem === undefined) {
      await file.finish(target);
      return measured;
    }
    await file.discard();
    const error = unfit(shownUrl(address), problem);
    if (damaged === DAMAGED) throw error;
    onRetry?.({ error, delay: 0 });
  }
}
