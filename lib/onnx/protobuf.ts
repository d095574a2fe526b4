/**
 * The part of the protocol buffer wire format that writing a message needs.
 *
 * @module
 */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const utf8 = new TextEncoder();

/**
 * A message under construction. Methods append one field and return the
 * message, so that a message reads like its text form.
 */
export class Message {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** A whole number, as int32, int64 or an enumeration. */
  int(field: number, value: number | bigint): this {
    return this.#key(field, VARINT).#varint(BigInt(value));
  }

  /** A float. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#key(field, FIXED32).#append(bytes);
  }

  /** A string. */
  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  /** Bytes. */
  bytes(field: number, value: Uint8Array): this {
    return this.#key(field, LENGTH_DELIMITED).#varint(BigInt(value.length))
      .#append(value);
  }

  /** A message within this one. */
  message(field: number, value: Message): this {
    this.#key(field, LENGTH_DELIMITED).#varint(BigInt(value.#length));
    for (const chunk of value.#chunks) this.#append(chunk);
    return this;
  }

  /** A repeated message field. */
  messages(field: number, values: Iterable<Message>): this {
    for (const value of values) this.message(field, value);
    return this;
  }

  /** The finished message. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }

  #key(field: number, wireType: number): this {
    return this.#varint(BigInt(field << 3 | wireType));
  }

  #varint(value: bigint): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return this.#append(Uint8Array.from(bytes));
  }

  #append(chunk: Uint8Array): this {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    return this;
  }
}
