/**
 * Files to which lines are added, each of which outlives a power cut.
 *
 * @module
 */
import { dirname } from "node:path";
import { diskError } from "../files/disk_error.ts";
import { syncFolder, writeAll } from "../files/whole_file.ts";

const NEW_LINE = 0x0a;
const BLOCK = 1 << 16;

/** The offset after the last new line of a file. */
async function wholeLength(file: Deno.FsFile): Promise<number> {
  const block = new Uint8Array(BLOCK);
  for (let end = (await file.stat()).size; end > 0;) {
    const start = Math.max(end - BLOCK, 0);
    await file.seek(start, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < end - start) {
      const count = await file.read(block.subarray(filled, end - start));
      if (count === null) break;
      filled += count;
    }
    const at = block.subarray(0, filled).lastIndexOf(NEW_LINE);
    if (at >= 0) return start + at + 1;
    end = start;
  }
  return 0;
}

/** A text file that grows by whole lines. */
export class LineFile implements Disposable {
  /** Its path. */
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens or makes a file, which no other process must write to. A last line
   * that was not written whole is removed.
   *
   * @throws {DiskError} If the disk cannot hold it.
   */
  static async open(path: string): Promise<LineFile> {
    try {
      const options = { read: true, write: true, create: true };
      const file = await Deno.open(path, options);
      const length = await wholeLength(file);
      await file.truncate(length);
      await file.seek(length, Deno.SeekMode.Start);
      await syncFolder(dirname(path));
      return new LineFile(path, file);
    } catch (error) {
      throw diskError(error, path);
    }
  }

  /** The lines so far, without their ends. */
  async *lines(): AsyncGenerator<string> {
    const file = await Deno.open(this.path);
    let rest = "";
    for await (
      const text of file.readable.pipeThrough(new TextDecoderStream())
    ) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  }

  /**
   * Adds lines, and waits until they are on the disk.
   *
   * @throws {DiskError} If the disk cannot hold them.
   */
  async append(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const text = lines.map((line) => `${line}\n`).join("");
    try {
      await writeAll(this.#file, new TextEncoder().encode(text));
      await this.#file.syncData();
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
