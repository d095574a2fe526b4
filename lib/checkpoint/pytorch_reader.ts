/**
 * Reads the parts of a pickle stream.
 *
 * @module
 */
import { cannotLoad } from "./cannot_load.ts";

/** A place in a pickle stream. */
export class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;
  readonly #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #at = 0;

  /**
   * @param path What errors call the file.
   */
  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#path = path;
  }

  /** Throws the sentence that says where and why the stream is malformed. */
  fail(reason: string): never {
    cannotLoad(this.#path, `its pickle ${reason}, at byte ${this.#at}`);
  }

  /** Steps over so many bytes and tells where they begin. */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.#bytes.length - start) {
      this.fail(`needs ${count} more bytes and has ${this.left}`);
    }
    this.#at += count;
    return start;
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Reads a byte. */
  uint8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /** Reads an unsigned number of two bytes, the low one first. */
  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  /** Reads a signed number of four bytes, the low one first. */
  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** Reads an unsigned number of four bytes, the low one first. */
  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Reads a length of eight bytes, the low one first. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** Reads a float of eight bytes, the high one first. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** Reads a signed number of any length, the low byte first. */
  integer(length: number): number | bigint {
    if (length === 0) return 0;
    const digits = this.bytes(length).toReversed().toHex();
    const value = BigInt.asIntN(8 * length, BigInt(`0x${digits}`));
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  /** Reads bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.slice(start, start + length);
  }

  /** Reads text in UTF-8. */
  text(length: number): string {
    const start = this.#take(length);
    try {
      return this.#text.decode(this.#bytes.subarray(start, start + length));
    } catch {
      this.fail("has text that is not UTF-8");
    }
  }

  /** Reads text up to a line feed, which is left out. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.fail("has a line without an end");
    const text = this.text(end - this.#at);
    this.#take(1);
    return text;
  }
}
