/**
 * How a run ends: exit codes, the sentence on stderr, and signals.
 *
 * @module
 */
import { RunError } from "../../lib/batch/run_error.ts";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { DataSetError } from "../../lib/data/sample.ts";
import { DiskError, diskError } from "../../lib/files/disk_error.ts";
import { FolderInUseError } from "../../lib/files/held_folder.ts";
import { PlainFileError } from "../../lib/files/plain_file.ts";
import { DownloadError } from "../../lib/hub/download_error.ts";
import { ListenError } from "../../lib/server/listen_error.ts";
import { printable } from "../../lib/report/format.ts";
import { StorageError } from "../../lib/storage/object_store.ts";
import { machineError } from "./machine_error.ts";
import { UsageError } from "./usage_error.ts";

/** Exit codes, as documented in README. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  doNotRetry: 42,
  interrupted: 130,
  terminated: 143,
} as const;

const SIGNALS = Deno.build.os === "windows"
  ? [["SIGINT", EXIT.interrupted]] as const
  : [["SIGINT", EXIT.interrupted], ["SIGTERM", EXIT.terminated]] as const;

/** Classes of errors whose message was written for a user. */
const EXPECTED = [
  DataSetError,
  DiskError,
  DownloadError,
  FolderInUseError,
  ListenError,
  ModelError,
  PlainFileError,
  RunError,
  StorageError,
  UsageError,
];

function isConfiguration(error: unknown): boolean {
  if (error instanceof StorageError) return error.failure !== "unavailable";
  const disk = diskError(error);
  if (disk instanceof DiskError) return disk.failure === "name-too-long";
  if (error instanceof RunError) return error.failure === "configuration";
  return [DataSetError, ModelError, PlainFileError].some((kind) =>
    error instanceof kind
  );
}

function isUsage(error: unknown): boolean {
  if (error instanceof ListenError) return error.failure === "address";
  return error instanceof UsageError || machineError(error)?.isUsage === true;
}

/** Characters of a message: a value of a file in it may be megabytes. */
const MOST_SHOWN = 4000;

/** One line, without the middle of a long one. */
function lineOf(message: string): string {
  const line = printable(message);
  if (line.length <= MOST_SHOWN) return line;
  const half = MOST_SHOWN / 2;
  return `${line.slice(0, half)} ... ${line.slice(-half)}`;
}

/**
 * What stderr shows of an error: one sentence where it was expected, else the
 * stack, as it is then a defect of the program.
 *
 * @returns One line, or a stack.
 */
export function describeError(error: unknown): string {
  const told = diskError(error);
  if (!(told instanceof Error)) return String(told);
  // Names in files of others may hold controls of terminals, or lines.
  if (EXPECTED.some((kind) => told instanceof kind)) {
    return lineOf(told.message);
  }
  const known = machineError(told)?.message;
  if (known !== undefined) return lineOf(known);
  const lines = (told.stack ?? told.message).split("\n");
  return lines.map((line) => printable(line)).join("\n");
}

/**
 * The exit code that an error stands for.
 *
 * @returns 2 for wrong usage, 42 where a retry cannot help, else 1.
 */
export function exitCodeOf(error: unknown): number {
  if (isUsage(error)) return EXIT.usage;
  return isConfiguration(error) ? EXIT.doNotRetry : EXIT.failed;
}

/**
 * How long a task may take to tidy up once it must stop: a training checkpoint
 * of full size is a quarter of a gigabyte.
 */
const GRACE_MILLISECONDS = 10_000;

/** Rejects with the signal's reason, a little after the signal is aborted. */
function overdue(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => {
    const timer = setTimeout(() => reject(signal.reason), GRACE_MILLISECONDS);
    Deno.unrefTimer(timer);
  });
  return promise;
}

/**
 * Runs a task to its exit code. SIGTERM and Ctrl-C abort the signal that the
 * task is given, so that it can tidy up; a second one ends the process at once.
 *
 * @param task Does the work and returns its exit code.
 * @returns The exit code of the process.
 */
export async function runToExit(
  task: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  const { signal } = controller;
  let stopped: number | undefined;
  const removers = SIGNALS.map(([name, code]) => {
    const handler = () => {
      if (stopped !== undefined) Deno.exit(stopped);
      stopped = code;
      controller.abort(new DOMException(`Stopped by ${name}`, "AbortError"));
    };
    Deno.addSignalListener(name, handler);
    return () => Deno.removeSignalListener(name, handler);
  });
  try {
    return await Promise.race([task(signal), overdue(signal)]);
  } catch (error) {
    if (stopped === undefined) {
      console.error(describeError(error));
      return exitCodeOf(error);
    }
    console.error(`${signal.reason.message}: the run is not complete`);
    return stopped;
  } finally {
    removers.forEach((remove) => remove());
  }
}
