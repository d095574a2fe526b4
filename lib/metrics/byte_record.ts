/**
 * A small versioned byte format: a magic word, a version, then numbers.
 *
 * @module
 */

/** Names a kind of record and its version. */
export interface RecordKind {
  /** What the record is called in errors, for example "pixel counts". */
  readonly name: string;
  /** Four ASCII characters at the start of each record. */
  readonly magic: string;
  /** Version of the layout, 0 to 255. */
  readonly version: number;
}

/** Writes one record into memory that grows as needed. */
export class RecordWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** Starts a record. */
  constructor(kind: RecordKind) {
    for (let i = 0; i < 4; i++) this.#byte(kind.magic.charCodeAt(i));
    this.#byte(kind.version);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * this.#bytes.length + size);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes an integer of 0 to 2^53 - 1, seven bits a byte, low bits first. */
  integer(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#byte(rest % 128 + 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  /** Writes float64 values, little-endian. */
  floats(values: Float64Array): void {
    this.#reserve(8 * values.length);
    const view = new DataView(this.#bytes.buffer);
    for (const value of values) {
      view.setFloat64(this.#length, value, true);
      this.#length += 8;
    }
  }

  /** The record's bytes. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads one record and refuses anything but a whole one. */
export class RecordReader {
  readonly #kind: RecordKind;
  readonly #bytes: Uint8Array;
  #offset = 0;

  /**
   * Opens a record.
   *
   * @throws {RangeError} If the bytes are not a record of that kind and
   * version.
   */
  constructor(kind: RecordKind, bytes: Uint8Array) {
    this.#kind = kind;
    this.#bytes = bytes;
    const magic = String.fromCharCode(...bytes.subarray(0, 4));
    if (magic !== kind.magic) {
      this.refuse(
        `must start with "${kind.magic}"`,
        bytes.length === 0 ? "no bytes at all" : JSON.stringify(magic),
      );
    }
    this.#offset = 4;
    const version = this.#byte();
    if (version !== kind.version) {
      this.refuse(`must have version ${kind.version}`, String(version));
    }
  }

  /**
   * Throws what is wrong with the record.
   *
   * @throws {RangeError} Always.
   */
  refuse(wanted: string, current: string): never {
    throw new RangeError(
      `Cannot read ${this.#kind.name} as the bytes ${wanted}: ` +
        `current value is ${current}`,
    );
  }

  #need(size: number): void {
    if (this.#offset + size > this.#bytes.length) {
      this.refuse(
        "must hold a whole record",
        `one cut off after ${this.#bytes.length} bytes`,
      );
    }
  }

  #byte(): number {
    this.#need(1);
    return this.#bytes[this.#offset++]!;
  }

  /**
   * Reads an integer of 0 to 2^53 - 1.
   *
   * @throws {RangeError} If the bytes end or hold a larger number.
   */
  integer(): number {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = this.#byte();
      value += (byte % 128) * scale;
      scale *= 128;
      if (value > Number.MAX_SAFE_INTEGER || scale > 2 ** 56) {
        this.refuse("must hold integers below 2^53", "a larger one");
      }
    } while (byte >= 128);
    return value;
  }

  /**
   * Reads `count` float64 values.
   *
   * @throws {RangeError} If the bytes end before.
   */
  floats(count: number): Float64Array {
    this.#need(8 * count);
    const { buffer, byteOffset } = this.#bytes;
    const view = new DataView(buffer, byteOffset + this.#offset, 8 * count);
    this.#offset += 8 * count;
    return Float64Array.from(
      { length: count },
      (_, i) => view.getFloat64(8 * i, true),
    );
  }

  /**
   * Ends the record.
   *
   * @throws {RangeError} If bytes are left.
   */
  finish(): void {
    const left = this.#bytes.length - this.#offset;
    if (left > 0) this.refuse("must end with the record", `${left} more bytes`);
  }
}
