/**
 * One process at a time.
 *
 * @module
 */
import { type Clock, SYSTEM_CLOCK } from "../async/retry.ts";
import { statIfThere } from "../files/is_there.ts";

/** Options of {@linkcode withLock}. */
export interface LockOptions {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Time, which tests replace. */
  readonly clock?: Clock;
  /** Called once if another process has the lock. */
  readonly onWait?: () => void;
}

/** Milliseconds between two looks at a lock that another process has. */
const LOOK = 250;

/** If the last holder removed the file, a lock on it locks nothing. */
async function isAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const { ino } = await file.stat();
  return (await statIfThere(path))?.ino === ino;
}

async function acquire(
  path: string,
  { signal, clock = SYSTEM_CLOCK, onWait }: LockOptions,
): Promise<Deno.FsFile> {
  let told = false;
  while (true) {
    signal.throwIfAborted();
    const file = await Deno.open(path, {
      read: true,
      write: true,
      create: true,
    });
    const isLocked = await file.tryLock(true);
    if (isLocked && await isAt(path, file)) return file;
    file.close();
    if (isLocked) continue;
    if (!told) onWait?.();
    told = true;
    await clock.sleep(LOOK, signal);
  }
}

/**
 * Runs something that only one process may run at a time. The system frees the
 * lock when its process ends in any way. The file is removed after the work.
 *
 * @param path Path of the lock file; its folder must exist.
 */
export async function withLock<T>(
  path: string,
  run: () => Promise<T>,
  options: LockOptions,
): Promise<T> {
  const file = await acquire(path, options);
  try {
    return await run();
  } finally {
    // Removed while it is held: a process that waits sees that and looks anew.
    await Deno.remove(path).catch(() => {});
    file.close();
  }
}
