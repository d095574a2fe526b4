/**
 * What is known of a file before it is downloaded.
 *
 * @module
 */
import { DownloadError } from "../download_error.ts";

/** Size and hash that a file must have, as far as they are published. */
export interface Expectation {
  /** Its bytes. */
  readonly size?: number;
  /** Its SHA-256 in hexadecimal, or the first digits that are known of it. */
  readonly sha256?: string;
}

/** Size and hash that a file has. */
export interface Measured {
  /** Its bytes. */
  readonly size: number;
  /** Its SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/**
 * Compares the size of a file with what is known of it.
 *
 * @returns What is wrong, as `its size must be ...: current value is ...`, or
 * undefined where it fits.
 */
export function sizeMismatch(
  expected: Expectation,
  size: number,
): string | undefined {
  return expected.size === undefined || expected.size === size
    ? undefined
    : `its size must be ${expected.size} bytes: current value is ${size}`;
}

/**
 * Compares a file with what is known of it.
 *
 * @returns What is wrong, or undefined where all fits.
 */
export function mismatch(
  expected: Expectation,
  measured: Measured,
): string | undefined {
  const wrong = sizeMismatch(expected, measured.size);
  if (wrong !== undefined) return wrong;
  const { sha256 } = expected;
  if (sha256 !== undefined && !measured.sha256.startsWith(sha256)) {
    const verb = sha256.length === 64 ? "be" : "start with";
    return `its SHA-256 must ${verb} ${sha256}: current value is ` +
      measured.sha256;
  }
  return undefined;
}

/**
 * The error for a file that is not as expected.
 *
 * @param shown The address, as it may be shown.
 * @param problem What is wrong.
 */
export function unfit(shown: string, problem: string): Error {
  const message = `Cannot use what ${shown} sends as ${problem}`;
  return new DownloadError(message, "damaged");
}

/**
 * The error for a file that is longer than any may be.
 *
 * @param shown The address, as it may be shown.
 * @param most The bytes that it may have.
 * @param bytes Those that it has, or more.
 */
export function tooLong(shown: string, most: number, bytes: number): Error {
  const message = `Cannot download ${shown} as it must have at most ${most} ` +
    `bytes: current value is ${bytes}`;
  return new DownloadError(message, "refused");
}
