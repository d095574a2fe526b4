/**
 * A full disk, said in one sentence.
 *
 * @module
 */

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOSPC";
}

/**
 * Waits for something to be written, and says which file it was if the disk
 * is full.
 *
 * @param path The file.
 * @param written Settles when it is written.
 * @throws {Deno.errors.WriteZero} If the disk is full.
 */
export async function naming<T>(
  path: string,
  written: Promise<T>,
): Promise<T> {
  try {
    return await written;
  } catch (error) {
    if (!isFull(error)) throw error;
    throw new Deno.errors.WriteZero(
      `Cannot write ${path} as the disk is full`,
      { cause: error },
    );
  }
}
