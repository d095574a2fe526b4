/**
 * Netpbm's grey and colour maps (PGM, PPM), which sharp is built without.
 * Machine vision cameras write them. Bitmaps (PBM) and PAM are refused.
 *
 * @module
 */
import { ImageDecodeError, type ImageSize } from "./image.ts";

/** Samples of a Netpbm file. */
export interface NetpbmSamples extends ImageSize {
  /** What the channels mean. */
  readonly space: "grey" | "rgb";
  /** Interleaved samples: of 8 bits, or of 16 where the file has more. */
  readonly data: Uint8Array | Uint16Array; // [height, width, 1 | 3]
}

interface Header extends ImageSize {
  readonly channels: 1 | 3;
  readonly isText: boolean;
  /** The value of white. */
  readonly white: number;
  /** Where the samples start. */
  readonly at: number;
}

/** A header with comments may be long, but not without bound. */
const MAX_HEADER = 1 << 16;

function fail(must: string, value: string | number): never {
  throw new ImageDecodeError(
    `Cannot decode the image as its PGM or PPM data must ${must}: current value is ${value}`,
  );
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
}

/** Numbers in text, with spaces and comments between them. */
class Numbers {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    while (isSpace(bytes[this.at]) || bytes[this.at] === 0x23) {
      if (bytes[this.at] !== 0x23) {
        this.at++;
        continue;
      }
      while (this.at < bytes.length && bytes[this.at] !== 0x0a) this.at++;
    }
  }

  next(what: string): number {
    this.#skipSpace();
    const start = this.at;
    let value = 0;
    for (; this.at < this.#bytes.length; this.at++) {
      const digit = this.#bytes[this.at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      if (value > 2 ** 31) fail(`have a ${what} below 2^31`, value);
    }
    if (this.at === start) fail(`have a ${what}`, "none");
    return value;
  }
}

function readHeader(bytes: Uint8Array): Header {
  const kind = bytes[1]! - 0x30;
  const numbers = new Numbers(bytes.subarray(0, MAX_HEADER), 2);
  const width = numbers.next("width");
  const height = numbers.next("height");
  const white = numbers.next("largest value");
  if (width === 0 || height === 0) {
    fail("have at least one pixel", `${width} x ${height}`);
  }
  if (white < 1 || white > 65535) {
    fail("have a largest value from 1 to 65535", white);
  }
  return {
    width,
    height,
    white,
    channels: kind === 2 || kind === 5 ? 1 : 3,
    isText: kind < 4,
    at: numbers.at + 1, // One byte of space ends the header.
  };
}

function readText(bytes: Uint8Array, header: Header, data: Uint16Array): void {
  const numbers = new Numbers(bytes, header.at - 1);
  for (let i = 0; i < data.length; i++) {
    data[i] = numbers.next("value for each sample");
  }
}

function readBinary(
  bytes: Uint8Array,
  header: Header,
  data: Uint16Array,
): void {
  const size = header.white > 255 ? 2 : 1;
  const found = bytes.length - header.at;
  if (found < data.length * size) {
    fail(`be whole, ${data.length * size} bytes`, `${found} bytes`);
  }
  for (let i = 0, at = header.at; i < data.length; i++, at += size) {
    data[i] = size === 1 ? bytes[at]! : bytes[at]! << 8 | bytes[at + 1]!;
  }
}

/**
 * Scales to 8 bits by the value of white. Where white is 65535 the samples stay
 * as they are, because a sensor may fill fewer bits: the bit depth tells.
 */
function scale(data: Uint16Array, white: number): Uint8Array | Uint16Array {
  for (const value of data) {
    if (value > white) fail(`have samples of at most ${white}`, value);
  }
  if (white === 65535) return data;
  return Uint8Array.from(data, (value) => Math.round(value * 255 / white));
}

/**
 * Reads the size of a PGM or PPM file from its header.
 *
 * @param bytes The file's bytes.
 * @throws {ImageDecodeError} If the header is damaged.
 */
export function readNetpbmSize(bytes: Uint8Array): ImageSize {
  const { width, height } = readHeader(bytes);
  return { width, height };
}

/**
 * Decodes a PGM or PPM file, in text or binary.
 *
 * @param bytes The file's bytes.
 * @returns Its samples.
 * @throws {ImageDecodeError} If the file is damaged or cut off.
 */
export function decodeNetpbm(bytes: Uint8Array): NetpbmSamples {
  const header = readHeader(bytes);
  const { width, height, channels, isText, white } = header;
  const count = width * height * channels;
  if (count > bytes.length) fail("be whole", `${bytes.length} bytes`);
  const data = new Uint16Array(count);
  if (isText) readText(bytes, header, data);
  else readBinary(bytes, header, data);
  const space = channels === 1 ? "grey" : "rgb";
  return { width, height, space, data: scale(data, white) };
}
