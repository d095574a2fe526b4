/**
 * Errors of a disk that a user can put right, as one sentence. Deno throws a
 * plain `Error` for them, which looks like a defect of the program.
 *
 * @module
 */

/** What is wrong. */
export type DiskFailure = "full" | "read-only" | "name-too-long";

/** Thrown when a disk cannot hold a file. */
export class DiskError extends Error {
  /** Its name. */
  override name = "DiskError";
  /** What is wrong; only a name that is too long stays wrong. */
  readonly failure: DiskFailure;

  /** Constructs an error from a sentence, what is wrong and a cause. */
  constructor(message: string, failure: DiskFailure, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** Codes of Linux, macOS and Windows -> what they mean. */
const FAILURES: ReadonlyMap<string, DiskFailure> = new Map([
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["os error 112", "full"],
  ["EROFS", "read-only"],
  ["os error 19", "read-only"],
  ["ENAMETOOLONG", "name-too-long"],
  ["os error 206", "name-too-long"],
]);

const REASONS: Record<DiskFailure, string> = {
  "full": "the disk is full",
  "read-only": "the disk is read-only",
  "name-too-long": "its name is too long for the file system",
};

function failureOf(error: Error): DiskFailure | undefined {
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string") return FAILURES.get(code);
  const [number] = /os error \d+/.exec(error.message) ?? [];
  return FAILURES.get(number ?? "");
}

/** The path in `File name too long (os error 36): writefile 'PATH'`. */
function pathIn(message: string): string | undefined {
  return /'([^']+)'$/.exec(message)?.[1];
}

/**
 * Turns an error of the operating system into a {@linkcode DiskError}.
 *
 * @param path The file; where absent, it is taken from the error's message.
 * @returns The error to throw: of a disk where it is one, else as it was.
 */
export function diskError(error: unknown, path?: string): unknown {
  if (!(error instanceof Error) || error instanceof DiskError) return error;
  const failure = failureOf(error);
  if (failure === undefined) return error;
  const file = path ?? pathIn(error.message) ?? "a file";
  const verb = failure === "name-too-long" ? "use" : "write";
  const message = `Cannot ${verb} ${file} as ${REASONS[failure]}`;
  return new DiskError(message, failure, { cause: error });
}

/**
 * Waits for something to be written.
 *
 * @throws {DiskError} If the disk cannot hold it.
 */
export async function withDiskErrors<T>(
  path: string,
  written: Promise<T>,
): Promise<T> {
  try {
    return await written;
  } catch (error) {
    throw diskError(error, path);
  }
}
