/**
 * Reads parts of files, with every failure reported as a ModelError.
 *
 * @module
 */
import type { ByteRange } from "../files/stored_bytes.ts";
import { assertPlainFile, PlainFileError } from "../files/plain_file.ts";
import { cannotLoad } from "./cannot_load.ts";

async function open(path: string): Promise<Deno.FsFile> {
  try {
    // To open a pipe would wait for somebody to write into it.
    await assertPlainFile(path, { maxBytes: Infinity });
    return await Deno.open(path);
  } catch (error) {
    if (error instanceof PlainFileError) cannotLoad(path, error.reason);
    if (error instanceof Deno.errors.IsADirectory) {
      cannotLoad(path, "it is not a file");
    }
    if (error instanceof Deno.errors.NotFound) {
      cannotLoad(path, "there is no such file");
    }
    const reason = error instanceof Error ? error.message : String(error);
    cannotLoad(path, `it cannot be opened: ${reason}`);
  }
}

/** A file of a model, open for reading. */
export class ModelFile implements Disposable {
  /** Its path. */
  readonly path: string;
  /** Its bytes. */
  readonly size: number;
  readonly #file: Deno.FsFile;

  private constructor(path: string, size: number, file: Deno.FsFile) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  /**
   * Opens a file.
   *
   * @throws {ModelError} If it is missing, cannot be opened or is no file.
   */
  static async open(path: string): Promise<ModelFile> {
    const file = await open(path);
    const { size } = await file.stat();
    return new ModelFile(path, size, file);
  }

  /**
   * Fills memory with the bytes from an offset on.
   *
   * @throws {ModelError} If the file ends before.
   */
  async readInto(start: number, target: Uint8Array): Promise<void> {
    await this.#file.seek(start, Deno.SeekMode.Start);
    for (let filled = 0; filled < target.length;) {
      const count = await this.#file.read(target.subarray(filled));
      if (count === null) {
        cannotLoad(this.path, "the file ends before its data does");
      }
      filled += count;
    }
  }

  /**
   * Reads a part of the file.
   *
   * @throws {ModelError} If the file ends before.
   */
  async read({ start, end }: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(end - start);
    await this.readInto(start, bytes);
    return bytes;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
