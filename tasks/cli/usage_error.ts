/**
 * The error of a command line that cannot be used.
 *
 * @module
 */

/**
 * Thrown when flags, or environment variables that stand in for flags, are
 * wrong. The process then ends with 2. No other class means wrong usage: a
 * `RangeError` may also be a failed allocation.
 */
export class UsageError extends Error {
  /** Its name. */
  override name = "UsageError";
}

/**
 * Reads what a flag or a variable says with a function of the library.
 *
 * @param read A short, pure function: its `RangeError` is about the value.
 * @returns What it reads.
 * @throws {UsageError} If the value cannot be used.
 */
export function readUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
