/**
 * Open files with a position, as Deno has them.
 *
 * @module
 */
import * as fs from "node:fs";
import { promisify } from "node:util";
import { NotSupported, withClasses } from "./errors.ts";
import { type FileInfo, infoOf } from "./file_info.ts";

/** How to open a file; at least one of `read`, `write` and `append`. */
export interface OpenOptions {
  /** Reads. */
  readonly read?: boolean;
  /** Writes. */
  readonly write?: boolean;
  /** Writes at the end. */
  readonly append?: boolean;
  /** Empties it first. */
  readonly truncate?: boolean;
  /** Creates it where it is missing. */
  readonly create?: boolean;
  /** Creates it, and fails where there is one. */
  readonly createNew?: boolean;
}

/** Where an offset counts from. */
export const SeekMode = { Start: 0, Current: 1, End: 2 } as const;

const openFile = promisify(fs.open);
const readFile = promisify(fs.read) as (
  file: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => Promise<{ bytesRead: number }>;
const writeFile = promisify(fs.write) as (
  file: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number | null,
) => Promise<{ bytesWritten: number }>;
const statFile = promisify(fs.fstat) as (file: number) => Promise<fs.Stats>;

const CHUNK = 1 << 16;

/** An open file. */
export class FsFile {
  readonly #file: number;
  readonly #appends: boolean;
  #position = 0;
  #isOpen = true;

  /** Constructs one from a file descriptor. */
  constructor(file: number, { append = false }: OpenOptions) {
    this.#file = file;
    this.#appends = append;
  }

  /** Reads from the position on; null at the end. */
  async read(buffer: Uint8Array): Promise<number | null> {
    const { bytesRead } = await withClasses(
      readFile(this.#file, buffer, 0, buffer.length, this.#position),
    );
    this.#position += bytesRead;
    return bytesRead === 0 && buffer.length > 0 ? null : bytesRead;
  }

  /** Writes at the position, and says how many bytes it wrote. */
  async write(bytes: Uint8Array): Promise<number> {
    const position = this.#appends ? null : this.#position;
    const { bytesWritten } = await withClasses(
      writeFile(this.#file, bytes, 0, bytes.length, position),
    );
    this.#position += bytesWritten;
    return bytesWritten;
  }

  /** Moves the position, and returns it. */
  async seek(offset: number, from: number): Promise<number> {
    const start = from === SeekMode.Start
      ? 0
      : from === SeekMode.Current
      ? this.#position
      : (await this.stat()).size;
    return this.#position = start + offset;
  }

  /** What is known of the file. */
  async stat(): Promise<FileInfo> {
    return infoOf(await withClasses(statFile(this.#file)));
  }

  /** Cuts the file, or fills it up with zeros. */
  async truncate(length = 0): Promise<void> {
    await withClasses(promisify(fs.ftruncate)(this.#file, length));
  }

  /** Waits until all of it is on the disk. */
  async sync(): Promise<void> {
    await withClasses(promisify(fs.fsync)(this.#file));
  }

  /** Waits until its bytes are on the disk. */
  async syncData(): Promise<void> {
    await withClasses(promisify(fs.fdatasync)(this.#file));
  }

  /** Locks the file in Deno; Node.js and Bun have no locks. */
  tryLock(): Promise<boolean> {
    return Promise.reject(new NotSupported("files cannot be locked"));
  }

  /** The rest of the file; it is closed at the end. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        const chunk = new Uint8Array(CHUNK);
        const count = await this.read(chunk);
        if (count !== null) return controller.enqueue(chunk.subarray(0, count));
        this.close();
        controller.close();
      },
      cancel: () => this.close(),
    });
  }

  /** Closes the file. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    fs.closeSync(this.#file);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function flagsOf(options: OpenOptions): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND } =
    fs.constants;
  const { read = false, write = false, append = false } = options;
  const writes = write || append;
  return (writes ? read ? O_RDWR : O_WRONLY : O_RDONLY) |
    (options.create ? O_CREAT : 0) |
    (options.createNew ? O_CREAT | O_EXCL : 0) |
    (options.truncate ? O_TRUNC : 0) |
    (append ? O_APPEND : 0);
}

/** Opens a file, for reading where nothing else is asked for. */
export async function open(
  path: string | URL,
  options: OpenOptions = { read: true },
): Promise<FsFile> {
  const file = await withClasses(openFile(path, flagsOf(options)));
  return new FsFile(file, options);
}
