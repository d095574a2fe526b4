/**
 * NumPy's .npy format, version 1.0, for maps.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @module
 */
import type { ImageSize } from "../image/image.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]; // \x93NUMPY, 1.0

function encodeHeader(
  descr: string,
  { width, height }: ImageSize,
): Uint8Array {
  const dictionary =
    `{'descr': '${descr}', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  const before = MAGIC.length + 2;
  const padding = 63 - (before + dictionary.length) % 64;
  const text = `${dictionary}${" ".repeat(padding)}\n`;
  const length = [text.length & 0xff, text.length >> 8];
  return Uint8Array.from([
    ...MAGIC,
    ...length,
    ...new TextEncoder().encode(text),
  ]);
}

/**
 * Encodes a map as a .npy file, little-endian, row by row.
 *
 * @param map The map, `[height, width]`.
 * @param size Its size.
 * @returns The file's bytes.
 * @throws {TypeError} If the map does not have `width x height` values.
 */
export function encodeNpy(
  map: Float32Array | Float16Array,
  size: ImageSize,
): Uint8Array {
  const { width, height } = size;
  if (map.length !== width * height) {
    throw new TypeError(
      `Cannot encode a map as .npy as it must hold ${width} x ${height} values: current value is ${map.length}`,
    );
  }
  const descr = map instanceof Float32Array ? "<f4" : "<f2";
  const header = encodeHeader(descr, size);
  const bytes = new Uint8Array(header.length + map.byteLength);
  bytes.set(header);
  bytes.set(
    new Uint8Array(map.buffer, map.byteOffset, map.byteLength),
    header.length,
  );
  return bytes;
}
