/**
 * What all downloads of models and data sets have in common.
 *
 * @module
 */
import { DownloadError } from "./download_error.ts";
import type { HuggingFace } from "./hugging_face.ts";
import type { TransferTuning } from "./transfer/transfer.ts";

/** Progress of a step. */
export interface Step {
  /** What is done. */
  readonly stage: "download" | "unpack" | "verify";
  /** The name of the file or data set. */
  readonly name: string;
  /** Bytes done. */
  readonly done: number;
  /** Bytes in all, null where that is not known. */
  readonly total: number | null;
}

/** Options of every download. */
export interface HubOptions {
  /**
   * Whether to use only files that are on this machine.
   *
   * @default {false}
   */
  readonly offline?: boolean;
  /**
   * Whether to read installed files again and compare their hashes.
   *
   * @default {false}
   */
  readonly verify?: boolean;
  /** How Hugging Face is reached. */
  readonly huggingFace?: HuggingFace;
  /** How to transfer. */
  readonly tuning?: TransferTuning;
  /** Stops the download. A later call continues it. */
  readonly signal?: AbortSignal;
  /** Called often. */
  readonly onStep?: (step: Step) => void;
  /** Called with a sentence for the user. */
  readonly onNotice?: (message: string) => void;
}

/** A signal that is never aborted, where none is given. */
export function signalOf({ signal }: HubOptions): AbortSignal {
  return signal ?? new AbortController().signal;
}

/**
 * Runs something. A download error that a retry cannot help becomes an error
 * of the class `kind`.
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
