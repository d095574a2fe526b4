/**
 * A folder that is watched: files are scored as they come.
 *
 * The folder is listed again and again, because network file systems and
 * buckets do not tell of new files.
 *
 * @module
 */
import { batches } from "../async/ahead.ts";
import { backoff, type Clock, SYSTEM_CLOCK } from "../async/retry.ts";
import { isImageName } from "../data/source.ts";
import { type ObjectInfo, StorageError } from "../storage/object_store.ts";
import type { Decision } from "./decision.ts";
import { type FileVersion, Inbox } from "./inbox.ts";
import { scoreFiles, type ScoreFilesOptions } from "./score_file.ts";

/** Options of {@linkcode watchFolder}. */
export interface WatchOptions extends Omit<ScoreFilesOptions, "inbox" | "now"> {
  /** The versions of files that were decided before. */
  readonly decided: AsyncIterable<FileVersion>;
  /** Keeps decisions; they count as made when it resolves. */
  readonly keep: (decisions: readonly Decision[]) => Promise<void>;
  /** Images per call of the network. */
  readonly batchSize: number;
  /** Milliseconds between two looks at the folder. */
  readonly poll: number;
  /** Milliseconds for which a file must not change before it is read. */
  readonly settle: number;
  /**
   * How often a file that looks cut off is tried before it is an error.
   *
   * @default {6}
   */
  readonly attempts?: number;
  /** Ends the watch after the images under way. */
  readonly signal: AbortSignal;
  /** Time, which tests replace. */
  readonly clock?: Clock;
  /** Called when the folder cannot be reached; the watch goes on. */
  readonly onTrouble: (error: StorageError) => void;
}

/** Wait after a look that failed, in seconds. */
const TROUBLE = { firstDelay: 2, longestDelay: 60 };

/** A store that may be there again later. */
function isPassing(error: unknown): error is StorageError {
  return error instanceof StorageError && error.failure === "unavailable";
}

/** Goes through the folder once and scores what is there whole. */
async function look(inbox: Inbox, options: WatchOptions): Promise<void> {
  const { store, batchSize, keep, signal, clock = SYSTEM_CLOCK } = options;
  const now = () => clock.now();
  async function* ready(): AsyncGenerator<ObjectInfo> {
    for await (const info of store.list("")) {
      if (signal.aborted) return;
      if (isImageName(info.key) && inbox.offer(info, now())) yield info;
    }
  }
  inbox.startPass();
  for await (const files of batches(ready(), batchSize)) {
    if (signal.aborted) return;
    const decisions = await scoreFiles(files, { ...options, inbox, now });
    await keep(decisions);
    decisions.forEach((decision) => inbox.done(decision));
  }
  if (!signal.aborted) inbox.endPass();
}

/**
 * Notes what was decided before. Only files that are still there are
 * remembered, so memory does not grow with the decisions.
 */
async function recall(
  inbox: Inbox,
  { store, decided, clock = SYSTEM_CLOCK }: WatchOptions,
): Promise<void> {
  inbox.startPass();
  for await (const info of store.list("")) {
    if (isImageName(info.key)) inbox.offer(info, clock.now());
  }
  for await (const version of decided) inbox.done(version);
}

/** Does something until the store can be reached. */
async function reached(
  work: () => Promise<void>,
  { signal, onTrouble, clock = SYSTEM_CLOCK }: WatchOptions,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      onTrouble(error);
      await clock.sleep(backoff(failures, TROUBLE, clock), signal)
        .catch(() => {});
    }
  }
}

/**
 * Watches a folder until the signal is aborted. An image is decided once for
 * each version of its file; after a crash, the last ones may be decided again,
 * unless `keep` had resolved.
 *
 * @throws {StorageError} If the folder may not be read.
 * @throws {SessionError} If the detector fails.
 */
export async function watchFolder(options: WatchOptions): Promise<void> {
  const { signal, settle, poll, attempts = 6 } = options;
  const { clock = SYSTEM_CLOCK } = options;
  const inbox = new Inbox({ settle, attempts });
  await reached(() => recall(inbox, options), options);
  while (!signal.aborted) {
    await reached(() => look(inbox, options), options);
    await clock.sleep(poll, signal).catch(() => {});
  }
}
