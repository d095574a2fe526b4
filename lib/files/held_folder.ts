/**
 * Folders that one run writes to at a time.
 *
 * @module
 */
import { diskError } from "./disk_error.ts";
import { statIfThere } from "./is_there.ts";
import { FileLock } from "./lock.ts";

/**
 * The file of the lock, in the folder itself: so two programs that reach the
 * folder by different paths have the same lock, and no permission for a place
 * beside it is needed. It is removed at the end of a run; where a run was
 * killed it stays, unlocked.
 */
export const LOCK_FILE = ".mfp-clip.lock";

/**
 * How often a folder is made anew that its last holder removed. Two in a row
 * are rare; without an end, a link that leads nowhere would be tried for ever.
 */
const ATTEMPTS = 100;

/** Thrown when another run writes to a folder. */
export class FolderInUseError extends Error {
  /** Its name. */
  override name = "FolderInUseError";

  /** Constructs an error from the folder. */
  constructor(path: string) {
    super(
      `Cannot write to ${path} as no other run may write there: one does; ` +
        "wait until it has ended, or choose another folder",
    );
  }
}

/** Locks a folder, which its last holder may remove meanwhile. */
async function lockFolder(path: string): Promise<FileLock | undefined> {
  for (let attempt = 1;; attempt++) {
    await Deno.mkdir(path, { recursive: true });
    try {
      return await FileLock.take(`${path}/${LOCK_FILE}`);
    } catch (error) {
      const isGone = error instanceof Deno.errors.NotFound;
      if (!isGone || attempt === ATTEMPTS) throw diskError(error, path);
    }
  }
}

/**
 * A folder to which no other run writes while this one has it, in this process
 * or another. The system frees it when the process ends, in any way. Where the
 * file system has no locks, or keeps them on each machine for itself, a second
 * run is not noticed.
 */
export class HeldFolder implements AsyncDisposable {
  /** Where it is. */
  readonly path: string;
  readonly #lock: FileLock;
  readonly #isNew: boolean;

  private constructor(path: string, lock: FileLock, isNew: boolean) {
    this.path = path;
    this.#lock = lock;
    this.#isNew = isNew;
  }

  /**
   * Takes a folder, which is made where there is none. Nothing in it changes.
   *
   * @throws {FolderInUseError} If another run has it.
   * @throws {DiskError} If the disk cannot hold it.
   */
  static async hold(path: string): Promise<HeldFolder> {
    const isNew = await statIfThere(path) === undefined;
    const lock = await lockFolder(path);
    if (lock === undefined) throw new FolderInUseError(path);
    return new HeldFolder(path, lock, isNew);
  }

  /** Lets it go, and removes it where it is new and still empty. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]();
    if (this.#isNew) await Deno.remove(this.path).catch(() => {});
  }
}
