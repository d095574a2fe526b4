/**
 * The part of the protocol buffer wire format that writing a message needs.
 *
 * @module
 */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const utf8 = new TextEncoder();

/** Nearly all keys, lengths and numbers of a message take one byte. */
const ONE_BYTE = Array.from({ length: 128 }, (_, i) => Uint8Array.of(i));

function varint(value: number | bigint): Uint8Array {
  if (value >= 0 && value < ONE_BYTE.length) return ONE_BYTE[Number(value)]!;
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/**
 * A message under construction. Methods append one field and return the
 * message, so that a message reads like its text form.
 */
export class Message {
  readonly #parts: (Uint8Array | Message)[] = [];
  #length = 0;

  /** A whole number, as int32, int64 or an enumeration. */
  int(field: number, value: number | bigint): this {
    return this.#key(field, VARINT).#append(varint(value));
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
    return this.#key(field, LENGTH_DELIMITED).#append(varint(value.length))
      .#append(value);
  }

  /** A message within this one, which must not be added to any more. */
  message(field: number, value: Message): this {
    this.#key(field, LENGTH_DELIMITED).#append(varint(value.#length));
    this.#parts.push(value);
    this.#length += value.#length;
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
    this.#writeTo(bytes, 0);
    return bytes;
  }

  #writeTo(bytes: Uint8Array, offset: number): void {
    for (const part of this.#parts) {
      if (part instanceof Message) {
        part.#writeTo(bytes, offset);
        offset += part.#length;
      } else {
        bytes.set(part, offset);
        offset += part.length;
      }
    }
  }

  #key(field: number, wireType: number): this {
    return this.#append(varint(field << 3 | wireType));
  }

  #append(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}
