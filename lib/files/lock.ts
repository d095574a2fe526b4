/**
 * One process at a time.
 *
 * @module
 */
import { type Clock, SYSTEM_CLOCK } from "../async/retry.ts";
import { statIfThere } from "./is_there.ts";

/** Options of {@linkcode withLock}. */
export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Time, which tests replace. */
  readonly clock?: Clock;
  /** Called once if another process has the lock. */
  readonly onWait?: () => void;
}

/** Milliseconds between two looks at a lock that another process has. */
const LOOK = 250;

/**
 * Locks an open file. Where the system has no locks, as on some network file
 * systems (`ENOLCK`, `ENOTSUP`) and in Node.js, it goes on without: a run must
 * not fail because nobody can tell whether there is a second one.
 *
 * @returns Whether no other open file has the lock.
 */
export async function tryLock(
  file: Pick<Deno.FsFile, "tryLock">,
): Promise<boolean> {
  try {
    return await file.tryLock(true);
  } catch {
    return true;
  }
}

/** If the last holder removed the file, a lock on it locks nothing. */
async function isAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const { ino } = await file.stat();
  return (await statIfThere(path))?.ino === ino;
}

/**
 * A lock that this process has. The system frees it when the process ends, in
 * any way.
 */
export class FileLock implements AsyncDisposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Locks a file, which is made where there is none.
   *
   * @returns The lock; undefined if another one has it.
   */
  static async take(path: string): Promise<FileLock | undefined> {
    while (true) {
      const options = { read: true, write: true, create: true };
      const file = await Deno.open(path, options);
      const isLocked = await tryLock(file);
      if (isLocked && await isAt(path, file)) return new FileLock(path, file);
      file.close();
      if (!isLocked) return undefined;
    }
  }

  /** Removes the file and frees the lock. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Removed while it is held: a process that waits sees that and looks anew.
    // Windows keeps it, as it may not remove a file that is open.
    const removes = Deno.build.os !== "windows" &&
      await isAt(this.#path, this.#file);
    if (removes) await Deno.remove(this.#path).catch(() => {});
    this.#file.close();
  }
}

/**
 * Runs something that only one process may run at a time, and waits for that.
 *
 * @param path Path of the lock file; its folder must exist.
 */
export async function withLock<T>(
  path: string,
  run: () => Promise<T>,
  { signal, clock = SYSTEM_CLOCK, onWait }: LockOptions = {},
): Promise<T> {
  signal?.throwIfAborted();
  let lock = await FileLock.take(path);
  if (lock === undefined) onWait?.();
  while (lock === undefined) {
    await clock.sleep(LOOK, signal);
    lock = await FileLock.take(path);
  }
  await using _lock = lock;
  return await run();
}
