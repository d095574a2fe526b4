/**
 * Small files that are large once they are opened.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = new Uint8Array([...new TextEncoder().encode(type), ...data]);
  const bytes = new Uint8Array(body.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(body, 4);
  view.setUint32(body.length + 4, crc32(Buffer.from(body)));
  return bytes;
}

/**
 * Makes a PNG that claims a size, and is cut off after its first rows.
 *
 * @param width Pixels per row
 * @param height Rows
 * @returns The file
 */
export function encodePngHeader(
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([1, 0, 0, 0, 0], 8);
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  return new Uint8Array([
    ...signature,
    ...chunk("IHDR", header),
    ...chunk("IDAT", deflateSync(Buffer.alloc(10_000))),
    ...chunk("IEND", new Uint8Array(0)),
  ]);
}

let zip: Uint8Array<ArrayBuffer> | undefined;

/**
 * Makes a zip archive whose one file is 16 MiB of zeros.
 *
 * @returns The file
 */
export function zipBomb(): Uint8Array<ArrayBuffer> {
  if (zip !== undefined) return zip;
  const data = deflateSync(Buffer.alloc(16 << 20));
  const head = new Uint8Array(30);
  const view = new DataView(head.buffer);
  view.setUint32(0, 0x504b0304);
  view.setUint16(8, 8, true);
  view.setUint32(18, data.length, true);
  view.setUint32(22, 16 << 20, true);
  return zip = new Uint8Array([...head, ...data]);
}
