/**
 * Palettes of PNG files.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { joinParts } from "./png_chunks.ts";

/** Where the chunk IHDR begins: behind the signature. */
const HEADER = 8;
/** Length, type, 13 bytes and checksum. */
const HEADER_BYTES = 25;
/** Where IHDR holds the colour type, counted from its beginning. */
const COLOUR_TYPE = 17;

const PALETTE = 3;

/** A chunk with its length, type and checksum. */
function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  new TextEncoder().encodeInto(type, bytes.subarray(4));
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, -4)));
  return bytes;
}

/**
 * Makes the grey levels of a PNG indices of colours. The compressed pixels are
 * the same in both.
 *
 * @param grey A PNG file of 8-bit grey.
 * @param palette The colours, `[256, 3]`.
 * @returns The file with its palette.
 */
export function withPalette(grey: Uint8Array, palette: Uint8Array): Uint8Array {
  const content = grey.slice(HEADER + 8, HEADER + HEADER_BYTES - 4);
  content[COLOUR_TYPE - 8] = PALETTE;
  return joinParts([
    grey.subarray(0, HEADER),
    chunk("IHDR", content),
    chunk("PLTE", palette),
    grey.subarray(HEADER + HEADER_BYTES),
  ]);
}
