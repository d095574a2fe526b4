/**
 * Windows bitmaps, which sharp does not read.
 *
 * The BMP packages of npm were compared with Pillow on the layouts below, and
 * each got some of them wrong (palettes, odd widths, top-down rows, the offset
 * of the pixels), hence this decoder. It reads what cameras and Pillow write:
 * 1, 4 and 8 bits with a palette, and 16, 24 and 32 bits. Run lengths are
 * refused.
 *
 * @module
 */
import { ImageDecodeError, type RgbImage } from "./image.ts";

interface Header {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  /** Where the pixels start in the file. */
  readonly pixels: number;
  /** Bytes per row of the file. */
  readonly stride: number;
  /** Colours, blue first, `step` bytes each. */
  readonly palette: { start: number; step: number; count: number };
  /** Bits of red, green and blue in a pixel of 16 or 32 bits. */
  readonly masks: readonly [number, number, number];
}

/** Bits per pixel for each kind of compression: none and bit fields. */
const LAYOUTS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 4, 8, 16, 24, 32],
  3: [16, 32],
};

const OLD_HEADER = 12;
const FILE_HEADER = 14;

function fail(must: string, value: string): never {
  throw new ImageDecodeError(
    `Cannot decode the image as its BMP data must ${must}: current value is ${value}`,
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readMasks(view: DataView, bits: number): Header["masks"] {
  if (view.getUint32(30, true) === 3) {
    const [red, green, blue] = [54, 58, 62].map((at) =>
      view.getUint32(at, true)
    );
    return [red!, green!, blue!];
  }
  return bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
}

/** Reads the headers of OS/2 1.x and of Windows 3 and later. */
function readHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  const headerSize = bytes.length < 18 ? 0 : view.getUint32(14, true);
  const old = headerSize === OLD_HEADER;
  if (bytes.length < (old ? 26 : 54)) {
    fail("be whole", `${bytes.length} bytes`);
  }
  if (!old && headerSize < 40) {
    fail("have a header of a known size", `${headerSize} bytes`);
  }
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  if (width < 1 || rows === 0) fail("have a size", `${width} x ${rows}`);
  if (LAYOUTS[compression]?.includes(bits) !== true) {
    fail(
      "have uncompressed pixels of 1, 4, 8, 16, 24 or 32 bits",
      `${bits} bits with compression ${compression}`,
    );
  }
  const extra = compression === 3 && headerSize === 40 ? 12 : 0;
  if (bytes.length < 54 + extra) fail("be whole", `${bytes.length} bytes`);
  const pixels = view.getUint32(10, true);
  const start = FILE_HEADER + headerSize + extra;
  const step = old ? 3 : 4;
  return {
    width,
    height: Math.abs(rows),
    topDown: rows < 0,
    bits,
    pixels,
    stride: Math.ceil(width * bits / 32) * 4,
    palette: { start, step, count: Math.floor((pixels - start) / step) },
    masks: old ? [0, 0, 0] : readMasks(view, bits),
  };
}

/**
 * Reads the size of a bitmap.
 *
 * @param bytes The file's bytes.
 * @returns Width and height in pixels.
 * @throws {ImageDecodeError} If the headers are cut off or of another layout.
 */
export function readBmpSize(
  bytes: Uint8Array,
): { width: number; height: number } {
  const { width, height } = readHeader(bytes);
  return { width, height };
}

function readPalette(bytes: Uint8Array, header: Header): Uint8Array {
  const { start, step, count } = header.palette;
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < Math.min(count, 1 << header.bits); i++) {
    const at = start + i * step;
    palette.set([bytes[at + 2]!, bytes[at + 1]!, bytes[at]!], i * 3);
  }
  return palette; // [256, 3]
}

type RowReader = (from: number, to: number) => void;

function paletteRows(
  bytes: Uint8Array,
  header: Header,
  data: Uint8Array,
): RowReader {
  const palette = readPalette(bytes, header);
  const { width, bits } = header;
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  return (from, to) => {
    for (let x = 0; x < width; x++, to += 3) {
      const byte = bytes[from + Math.trunc(x / perByte)]!;
      const shift = 8 - bits * (x % perByte + 1);
      const index = ((byte >> shift) & mask) * 3;
      data[to] = palette[index]!;
      data[to + 1] = palette[index + 1]!;
      data[to + 2] = palette[index + 2]!;
    }
  };
}

function byteRows(
  bytes: Uint8Array,
  header: Header,
  data: Uint8Array,
): RowReader {
  return (from, to) => {
    for (let x = 0; x < header.width; x++, to += 3, from += 3) {
      data[to] = bytes[from + 2]!;
      data[to + 1] = bytes[from + 1]!;
      data[to + 2] = bytes[from]!;
    }
  };
}

/** Widens the bits under a mask to 8, rounding down as Pillow does. */
function fieldOf(pixel: number, mask: number, shift: number): number {
  const max = mask >>> shift;
  if (max === 0) return 0;
  return Math.trunc(((pixel & mask) >>> shift) * 255 / max);
}

function fieldRows(
  bytes: Uint8Array,
  header: Header,
  data: Uint8Array,
): RowReader {
  const view = viewOf(bytes);
  const step = header.bits / 8;
  const shifts = header.masks.map((mask) =>
    mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)
  );
  return (from, to) => {
    for (let x = 0; x < header.width; x++, from += step) {
      const pixel = step === 2
        ? view.getUint16(from, true)
        : view.getUint32(from, true);
      for (let c = 0; c < 3; c++) {
        data[to++] = fieldOf(pixel, header.masks[c]!, shifts[c]!);
      }
    }
  };
}

/**
 * Decodes a bitmap; alpha is dropped.
 *
 * @param bytes The file's bytes.
 * @returns The image.
 * @throws {ImageDecodeError} If the file is cut off or of another layout.
 */
export function decodeBmp(bytes: Uint8Array): RgbImage {
  const header = readHeader(bytes);
  const { width, height, pixels, stride } = header;
  if (bytes.length < pixels + stride * height) {
    fail("be whole", `${bytes.length} bytes`);
  }
  const data = new Uint8Array(width * height * 3); // [height, width, 3]
  const rows = header.bits <= 8
    ? paletteRows
    : header.bits === 24
    ? byteRows
    : fieldRows;
  const readRow = rows(bytes, header, data);
  for (let y = 0; y < height; y++) {
    const line = header.topDown ? y : height - 1 - y;
    readRow(pixels + line * stride, y * width * 3);
  }
  return { width, height, data };
}
