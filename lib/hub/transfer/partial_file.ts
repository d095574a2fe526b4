/**
 * A file that is being downloaded: its bytes under a temporary name, and beside
 * them a record of which are there, so that a later run can continue.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { dirname } from "node:path";
import { z } from "zod";
import { readOwnRecord } from "../../files/own_record.ts";
import type { ByteRange } from "../../files/stored_bytes.ts";
import { removeIfThere, statIfThere } from "../../files/is_there.ts";
import { syncFolder, writeWhole } from "../../files/whole_file.ts";
import { DownloadError } from "../download_error.ts";
import {
  addRange,
  countBytes,
  frontier,
  missingRanges,
} from "./byte_ranges.ts";
import { type FileVersion, isMarked } from "./file_version.ts";

const RECORD = z.object({
  /** Names the file: its SHA-256, or its address where that is not known. */
  identity: z.string(),
  size: z.int().nonnegative().nullable(),
  etag: z.string().nullable(),
  modified: z.string().nullable(),
  done: z.array(z.object({
    start: z.int().nonnegative(),
    end: z.int().nonnegative(),
  })).readonly(),
});

const READ = 1 << 20;

function isHash(identity: string): boolean {
  return /^[0-9a-f]{64}$/.test(identity);
}

/** The bytes received, and their hash up to the first gap. */
export class PartialFile {
  /** Where the bytes are until the file is whole. */
  readonly path: string;
  readonly #identity: string;
  #version: FileVersion | undefined;
  #done: readonly ByteRange[] = [];
  #hash: Hash = createHash("sha256");
  #hashed = 0;
  #recording: Promise<void> = Promise.resolve();

  private constructor(path: string, identity: string) {
    this.path = path;
    this.#identity = identity;
  }

  /**
   * Opens what an earlier run left, if it is of the same file. Its bytes are
   * read once, for the hash.
   *
   * @param target Path of the file when it is whole.
   * @param identity Names the file: SHA-256 or address.
   */
  static async open(target: string, identity: string): Promise<PartialFile> {
    const file = new PartialFile(`${target}.part`, identity);
    const record = await readOwnRecord(file.#recordPath, RECORD);
    const size = (await statIfThere(file.path))?.size ?? 0;
    const isJoinable = record?.identity === identity &&
      record.done.every(({ end }) => end <= size) &&
      (record.size !== null) && (isHash(identity) || isMarked(record));
    if (!isJoinable) {
      await file.discard();
    } else {
      file.#version = record;
      file.#done = record.done;
      await file.#hashOn();
    }
    return file;
  }

  get #recordPath(): string {
    return `${this.path}.json`;
  }

  /** The version that the bytes are of; undefined before the first. */
  get version(): FileVersion | undefined {
    return this.#version;
  }

  /** How many bytes are there. */
  get received(): number {
    return countBytes(this.#done);
  }

  /** The missing pieces of at most so many bytes, where the size is known. */
  missing(longest: number): readonly ByteRange[] {
    const size = this.#version?.size;
    return size === undefined || size === null
      ? []
      : missingRanges(this.#done, size, longest);
  }

  /** Says which version the bytes to come are of. */
  begin(version: FileVersion): void {
    this.#version = version;
  }

  /** Opens the bytes for writing from an offset on. */
  async openAt(offset: number): Promise<Deno.FsFile> {
    const file = await Deno.open(this.path, { write: true, create: true });
    await file.seek(offset, Deno.SeekMode.Start);
    return file;
  }

  /** Counts written bytes as there, hashes them in order and records them. */
  async add(range: ByteRange): Promise<void> {
    this.#done = addRange(this.#done, range);
    const recorded = this.#recording.then(() => this.#record());
    this.#recording = recorded.catch(() => {});
    await recorded;
  }

  async #record(): Promise<void> {
    const done = this.#done;
    await this.#hashOn();
    const record: z.infer<typeof RECORD> = {
      identity: this.#identity,
      ...this.#version!,
      done,
    };
    await writeWhole(this.#recordPath, JSON.stringify(record));
  }

  /** Hashes what is on disk, up to the first gap. */
  async #hashOn(): Promise<void> {
    const end = frontier(this.#done);
    if (this.#hashed >= end) return;
    using file = await Deno.open(this.path);
    await file.seek(this.#hashed, Deno.SeekMode.Start);
    const buffer = new Uint8Array(READ);
    while (this.#hashed < end) {
      const wanted = Math.min(READ, end - this.#hashed);
      const count = await file.read(buffer.subarray(0, wanted));
      if (count === null) {
        throw new DownloadError(
          `Cannot go on with ${this.path} as it must not change meanwhile`,
          "unavailable",
        );
      }
      this.#hash.update(buffer.subarray(0, count));
      this.#hashed += count;
    }
  }

  /** SHA-256 of all bytes, in hexadecimal; to be asked for once. */
  async digest(): Promise<string> {
    await this.#recording;
    await this.#hashOn();
    return this.#hash.digest("hex");
  }

  /** Forgets all bytes. */
  async discard(): Promise<void> {
    await this.#recording;
    this.#version = undefined;
    this.#done = [];
    this.#hash = createHash("sha256");
    this.#hashed = 0;
    await removeIfThere(this.#recordPath);
    await removeIfThere(this.path);
  }

  /** Gives the file its name, after its bytes are on the disk. */
  async finish(target: string): Promise<void> {
    const file = await this.openAt(0);
    try {
      await file.truncate(this.received);
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(this.path, target);
    await syncFolder(dirname(target));
    await removeIfThere(this.#recordPath);
  }
}
