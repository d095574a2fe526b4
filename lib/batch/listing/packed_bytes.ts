/**
 * Numbers and texts as bytes, one after the other, for millions of records that
 * would not fit into memory as objects.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const FIRST_BYTES = 1 << 12;
const LARGEST_BYTE = 0x80;
/** Code units up to here are one byte. */
const NARROW_UNIT = 0xff;

/** Writes numbers and texts into bytes that grow. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  #length = 0;

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written, and keeps the memory. */
  clear(): void {
    this.#length = 0;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room for so many bytes. */
  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }

  /** Writes a whole number from 0 to 2^53 - 1, seven bits a byte. */
  number(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= LARGEST_BYTE) {
      this.#bytes[this.#length++] = rest % LARGEST_BYTE + LARGEST_BYTE;
      rest = Math.floor(rest / LARGEST_BYTE);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Writes bytes with their count. */
  bytes(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.copy(bytes);
  }

  /** Writes a text from a code unit on, one byte a unit where that is enough. */
  text(text: string, start = 0): void {
    const count = text.length - start;
    let isNarrow = true;
    for (let i = start; i < text.length && isNarrow; i++) {
      isNarrow = text.charCodeAt(i) <= NARROW_UNIT;
    }
    this.number(2 * count + (isNarrow ? 0 : 1));
    this.#reserve(isNarrow ? count : 2 * count);
    for (let i = start; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      this.#bytes[this.#length++] = unit & NARROW_UNIT;
      if (!isNarrow) this.#bytes[this.#length++] = unit >> 8;
    }
  }

  /** Writes some bytes of another place as they are. */
  copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

/** Reads what {@linkcode ByteWriter} wrote. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  /** Starts at the first byte. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether there is more to read. */
  get isLeft(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** Reads a number. */
  number(): number {
    let value = 0;
    let unit = 1;
    let byte = this.#bytes[this.#at++]!;
    while (byte >= LARGEST_BYTE) {
      value += (byte - LARGEST_BYTE) * unit;
      unit *= LARGEST_BYTE;
      byte = this.#bytes[this.#at++]!;
    }
    return value + byte * unit;
  }

  /** Reads bytes; they are no copy. */
  bytes(): Uint8Array {
    const count = this.number();
    const start = this.#at;
    this.#at += count;
    return this.#bytes.subarray(start, this.#at);
  }

  /** Reads so many bytes as hexadecimal digits. */
  hex(count: number): string {
    const start = this.#at;
    this.#at += count;
    return this.#bytes.toString("hex", start, this.#at);
  }

  /** Reads a text. */
  text(): string {
    const header = this.number();
    const isNarrow = header % 2 === 0;
    const count = (header - header % 2) / 2;
    const start = this.#at;
    this.#at += isNarrow ? count : 2 * count;
    const encoding = isNarrow ? "latin1" : "utf16le";
    return this.#bytes.toString(encoding, start, this.#at);
  }
}
