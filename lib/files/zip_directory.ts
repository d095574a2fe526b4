/**
 * The directory of a zip archive, read where it lies.
 *
 * @module
 */
// @ts-types="@types/yauzl"
import {
  type Entry,
  fromRandomAccessReaderPromise,
  type Options,
  RandomAccessReader,
  type ZipFile,
} from "yauzl";
import type { ByteRange } from "./stored_bytes.ts";

/** A file of a zip archive, as its directory describes it. */
export type ZipEntry = Entry;

/** The bytes of an archive. */
export interface ZipBytes {
  /** How many there are. */
  readonly size: number;
  /** Reads a part of them, which does not reach past the end. */
  read(range: ByteRange): Promise<Uint8Array>;
}

/** Bytes of a block, which serves reads that follow one another. */
const BLOCK = 1 << 16;

/** Bytes of a block of the directory, which is read as a whole. */
const DIRECTORY_BLOCK = 1 << 22;

/** A part of the archive that several reads share; it is read when first used. */
interface SharedBlock {
  readonly range: ByteRange;
  bytes?: Promise<Uint8Array>;
}

function isWithin(position: number, end: number, range: ByteRange): boolean {
  return position >= range.start && end <= range.end;
}

class BlockReader extends RandomAccessReader {
  readonly #bytes: ZipBytes;
  #range: ByteRange = { start: 0, end: 0 };
  #block: Promise<Uint8Array> = Promise.resolve(new Uint8Array(0));
  /** Those of the last call, and of the one before it. */
  #shared: readonly [readonly SharedBlock[], readonly SharedBlock[]] = [[], []];
  /** Bytes that are read at least. */
  blockBytes = BLOCK;

  constructor(bytes: ZipBytes) {
    super();
    this.#bytes = bytes;
  }

  /** Tells which parts reads to come will share. */
  share(ranges: readonly ByteRange[]): void {
    this.#shared = [ranges.map((range) => ({ range })), this.#shared[0]];
  }

  override read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, count?: number) => void,
  ): void {
    this.slice(position, length).then((part) => {
      buffer.set(part, offset);
      callback(null, part.length);
    }).catch(callback);
  }

  async slice(position: number, length: number): Promise<Uint8Array> {
    const { size } = this.#bytes;
    if (position + length > size) {
      throw new Error(`the archive ends at byte ${size}`);
    }
    const end = position + length;
    const isHere = ({ range }: SharedBlock) => isWithin(position, end, range);
    const [last, before] = this.#shared;
    const shared = last.find(isHere) ?? before.find(isHere);
    if (shared !== undefined) {
      return await this.#sliceShared(shared, position, end);
    }
    if (!isWithin(position, end, this.#range)) {
      const end = Math.min(position + Math.max(length, this.blockBytes), size);
      this.#range = { start: position, end };
      this.#block = this.#bytes.read(this.#range);
    }
    const range = this.#range;
    try {
      const at = position - range.start;
      return (await this.#block).subarray(at, at + length);
    } catch (error) {
      // Another attempt reads again.
      if (this.#range === range) this.#range = { start: 0, end: 0 };
      throw error;
    }
  }

  async #sliceShared(
    block: SharedBlock,
    position: number,
    end: number,
  ): Promise<Uint8Array> {
    const { start } = block.range;
    block.bytes ??= this.#bytes.read(block.range);
    try {
      return (await block.bytes).subarray(position - start, end - start);
    } catch (error) {
      // Another attempt reads again.
      delete block.bytes;
      throw error;
    }
  }
}

/** Bytes of the header before an entry, without its name. */
const LOCAL_HEADER = 30;

/** Where entries lie, as the directory says. */
class EntryRanges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  add({ relativeOffsetOfLocalHeader: start, compressedSize }: ZipEntry): void {
    this.#starts.push(start);
    this.#ends.push(start + LOCAL_HEADER + compressedSize);
  }

  /** In archives of all programs the directory has the order of the bytes. */
  #ordered(): Iterable<number> {
    const starts = this.#starts;
    const isOrdered = starts.every((start, i) => start >= (starts[i - 1] ?? 0));
    if (isOrdered) return starts.keys();
    return Uint32Array.from(starts.keys())
      .sort((a, b) => starts[a]! - starts[b]!);
  }

  /**
   * Refuses entries that overlap: a small archive could otherwise hold as many
   * files of any size as it has entries.
   */
  assertApart(): void {
    let end = 0;
    for (const i of this.#ordered()) {
      const start = this.#starts[i]!;
      if (start < end) {
        throw new Error(`two of its entries have byte ${start} in common`);
      }
      end = this.#ends[i]!;
    }
  }
}

/** The directory of a zip archive. */
export class ZipDirectory {
  readonly #reader: BlockReader;
  readonly #zip: ZipFile;

  private constructor(reader: BlockReader, zip: ZipFile) {
    this.#reader = reader;
    this.#zip = zip;
  }

  /**
   * Finds the directory.
   *
   * @throws {Error} If the archive is cut off or damaged.
   */
  static async open(
    bytes: ZipBytes,
    options: Pick<Options, "decodeStrings"> = {},
  ): Promise<ZipDirectory> {
    const reader = new BlockReader(bytes);
    const zip = await fromRandomAccessReaderPromise(reader, bytes.size, {
      ...options,
      autoClose: false,
    });
    return new ZipDirectory(reader, zip);
  }

  /** How many entries the archive says that it has. */
  get entryCount(): number {
    return this.#zip.entryCount;
  }

  /**
   * Goes through all entries, once.
   *
   * @throws {Error} After the last one, if two share bytes of the archive.
   */
  async *entries(): AsyncGenerator<ZipEntry> {
    const ranges = new EntryRanges();
    this.#reader.blockBytes = DIRECTORY_BLOCK;
    try {
      for await (const entry of this.#zip.eachEntry()) {
        ranges.add(entry);
        yield entry;
      }
    } finally {
      this.#reader.blockBytes = BLOCK;
    }
    ranges.assertApart();
  }

  /**
   * Tells which parts of the archive reads to come will share, so that each is
   * read once.
   */
  share(ranges: readonly ByteRange[]): void {
    this.#reader.share(ranges);
  }

  /**
   * Finds where the bytes of an entry lie, packed as they are.
   *
   * @throws {Error} If its own header is damaged.
   */
  async locate(entry: ZipEntry): Promise<ByteRange> {
    const { fileDataStart: start } = await this.#zip
      .readLocalFileHeaderPromise(entry, { minimal: true });
    return { start, end: start + entry.compressedSize };
  }

  /**
   * Reads the bytes of an entry, packed as they are.
   *
   * @throws {Error} If its own header is damaged.
   */
  async readPacked(entry: ZipEntry): Promise<Uint8Array> {
    const { start, end } = await this.locate(entry);
    return await this.#reader.slice(start, end - start);
  }
}
