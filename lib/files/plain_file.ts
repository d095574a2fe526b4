/**
 * Whole files that end: a pipe or a device may hang or never end.
 *
 * @module
 */

/** The most bytes of a file that is read into memory. */
const MAX_BYTES = 2 ** 30;

/** Thrown where a path leads to something that is not read as a file. */
export class PlainFileError extends Error {
  /** Its name. */
  override name = "PlainFileError";
  /** What is wrong, as a clause. */
  readonly reason: string;

  /** Constructs an error from the path and what is wrong. */
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`Cannot read ${path} as ${reason}`, options);
    this.reason = reason;
  }
}

/** How a file is read. */
export interface PlainFileOptions {
  /**
   * The most bytes it may have.
   *
   * @default {1 GiB}
   */
  readonly maxBytes?: number;
  /** Ends reading, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks that a path leads to a file of a bounded size.
 *
 * @throws {PlainFileError} If it leads to a pipe, a device or a larger file.
 * @throws {Deno.errors.NotFound} If there is none.
 * @throws {Deno.errors.IsADirectory} If there is a folder.
 */
export async function assertPlainFile(
  path: string | URL,
  { maxBytes = MAX_BYTES }: PlainFileOptions = {},
): Promise<void> {
  const { isFile, isDirectory, size } = await Deno.stat(path);
  if (isDirectory) throw new Deno.errors.IsADirectory(`${path} is a folder`);
  if (!isFile) throw new PlainFileError(`${path}`, "it must be a file");
  if (size <= maxBytes) return;
  const must = `it must have at most ${maxBytes} bytes: current value is`;
  throw new PlainFileError(`${path}`, `${must} ${size}`);
}

/**
 * Reads a file.
 *
 * @returns Its bytes.
 * @throws As {@linkcode assertPlainFile} does.
 */
export async function readPlainFile(
  path: string | URL,
  options: PlainFileOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  await assertPlainFile(path, options);
  const { signal } = options;
  return await Deno.readFile(path, signal === undefined ? {} : { signal });
}

/**
 * Reads a text file, in UTF-8.
 *
 * @returns Its text.
 * @throws As {@linkcode assertPlainFile} does.
 */
export async function readPlainText(
  path: string | URL,
  options: PlainFileOptions = {},
): Promise<string> {
  await assertPlainFile(path, options);
  return await Deno.readTextFile(path);
}
