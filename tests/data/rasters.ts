/**
 * Raster files with exact bytes, of kinds that real data sets hold.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

/** Grey values, row by row. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly values: readonly number[];
}

/** Values that are `value` in the first `lit` pixels and 0 elsewhere. */
export function lit(lit: number, value: number): Grey {
  const [width, height] = [12, 8];
  const values = Array.from(
    { length: width * height },
    (_, i) => i < lit ? value : 0,
  );
  return { width, height, values };
}

function pngChunk(kind: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** A PNG of 8-bit grey. */
export function greyPng({ width, height, values }: Grey): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Array.from(
    { length: height },
    (_, y) => [0, ...values.slice(y * width, (y + 1) * width)],
  );
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(Uint8Array.from(rows.flat()))),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

/** A BMP with a palette of 256 greys, its last row first. */
export function greyBmp({ width, height, values }: Grey): Uint8Array {
  const stride = Math.ceil(width / 4) * 4;
  const start = 14 + 40 + 256 * 4;
  const file = Buffer.alloc(start + stride * height);
  file.write("BM", 0);
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(start, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(8, 28);
  for (let i = 0; i < 256; i++) file.set([i, i, i, 0], 54 + 4 * i);
  for (let y = 0; y < height; y++) {
    const row = values.slice(y * width, (y + 1) * width);
    file.set(row, start + (height - 1 - y) * stride);
  }
  return file;
}
