/**
 * What all downloads of models and data sets have in common.
 *
 * @module
 */
import { DownloadError } from "./download_error.ts";
import type { HuggingFace } from "./hugging_face.ts";
import type { TransferTuning } from "./transfer/transfer.ts";

/** How far a step is. */
export interface Step {
  /** What is being done. */
  readonly stage: "download" | "unpack" | "verify";
  /** With what. */
  readonly name: string;
  /** Bytes that are done. */
  readonly done: number;
  /** Bytes in all, null where that is not known. */
  readonly total: number | null;
}

/** Options of every download. */
export interface HubOptions {
  /**
   * Whether only what is there may be used.
   *
   * @default {false}
   */
  readonly offline?: boolean;
  /**
   * Whether what is there is read again and compared with its hashes.
   *
   * @default {false}
   */
  readonly verify?: boolean;
  /** How Hugging Face is reached. */
  readonly huggingFace?: HuggingFace;
  /** How to transfer. */
  readonly tuning?: TransferTuning;
  /** Stops everything; a later call goes on. */
  readonly signal?: AbortSignal;
  /** Told often. */
  readonly onStep?: (step: Step) => void;
  /** Told in a sentence what a user may want to know. */
  readonly onNotice?: (message: string) => void;
}

/** A signal that is never aborted, where none is given. */
export function signalOf({ signal }: HubOptions): AbortSignal {
  return signal ?? new AbortController().signal;
}

/**
 * Runs something, and turns failures for which a retry is of no use into the
 * error of what was to be had.
 *
 * @param run What to run.
 * @param kind The error's class.
 * @returns What it returned.
 */
export async function withLastingErrors<T>(
  run: () => Promise<T>,
  kind: new (message: string, options: ErrorOptions) => Error,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const isLasting = error instanceof DownloadError &&
      ["missing", "denied", "refused"].includes(error.failure);
    if (!isLasting) throw error;
    throw new kind(error.message, { cause: error });
  }
}
