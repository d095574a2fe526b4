/**
 * Turns errors of the file system into errors of a store.
 *
 * @module
 */
import { DiskError, diskError } from "../files/disk_error.ts";
import { StorageError, type StorageFailure } from "./object_store.ts";

/** What {@linkcode fileError} was doing, and with what. */
export interface FileAction {
  /** Such as `read`. */
  readonly action: string;
  /** The object's address. */
  readonly location: string;
  /** What may end it early. */
  readonly signal?: AbortSignal | undefined;
}

const INVALID_CODES: ReadonlySet<unknown> = new Set([
  "EEXIST",
  "EINVAL",
  "EISDIR",
  "EMLINK",
  "ENOTDIR",
  "ENOTEMPTY",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EXDEV",
]);

function kindOf(error: unknown): [StorageFailure, string] {
  const isMissing = error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.FilesystemLoop;
  if (isMissing) {
    return ["missing", "the object must exist"];
  }
  const isDenied = error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable;
  if (isDenied) return ["denied", "access to the file must be allowed"];
  const code = error instanceof Error && "code" in error ? error.code : null;
  const isFolder = error instanceof Deno.errors.IsADirectory;
  return isFolder || INVALID_CODES.has(code)
    ? ["invalid", "its key must name a file that can be there"]
    : ["unavailable", "the file system must be able to"];
}

/**
 * Turns a file system's error into a store's.
 *
 * @returns The error to throw. The reason of an aborted signal is left as it is.
 */
export function fileError(error: unknown, what: FileAction): unknown {
  const isAbort = what.signal?.aborted === true &&
    error === what.signal.reason;
  const isOwn = isAbort || error instanceof StorageError;
  if (isOwn || !(error instanceof Error)) return error;
  const disk = diskError(
    error instanceof DiskError ? error.cause : error,
    what.location,
  );
  if (disk instanceof DiskError) {
    const isLasting = disk.failure === "name-too-long";
    const failure = isLasting ? "invalid" : "unavailable";
    return new StorageError(disk.message, failure, { cause: error });
  }
  const [kind, must] = kindOf(error);
  const isOneFile = what.action === "read" && kind === "denied" &&
    !(error instanceof Deno.errors.NotCapable);
  const failure = isOneFile ? "unreadable" : kind;
  const message = `Cannot ${what.action} ${what.location} as ${must}: ` +
    error.message;
  return new StorageError(message, failure, { cause: error });
}

/**
 * Does something with files, and turns their errors into a store's.
 */
export async function withFileErrors<T>(
  what: FileAction,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, what);
  }
}
