/**
 * The chunks of a PNG file that its pixels need.
 *
 * A decoder unpacks text and profile chunks as well: half a megabyte of them
 * unpacks to gigabytes. They are taken out before the decoder sees the file.
 *
 * @module
 */

/** Chunks that the pixels, and the orientation of the image, need. */
const KEPT: ReadonlySet<string> = new Set([
  "IHDR",
  "PLTE",
  "tRNS",
  "IDAT",
  "IEND",
  "eXIf",
]);

const SIGNATURE = 8;
/** Length, type and checksum. */
const FRAME = 12;
/** EXIF data with an orientation is small; a larger chunk is left out. */
const MAX_EXIF = 1 << 16;

/**
 * Takes out the chunks that the pixels do not need.
 *
 * @param bytes A PNG file.
 * @returns The file without them; a damaged tail is kept as it is, for the
 * decoder to refuse.
 */
export function keepPixelChunks(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = [bytes.subarray(0, SIGNATURE)];
  let at = SIGNATURE;
  while (at + FRAME <= bytes.length) {
    const length = view.getUint32(at);
    const end = at + FRAME + length;
    if (end > bytes.length) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (isKept(type, length)) parts.push(bytes.subarray(at, end));
    at = end;
    if (type === "IEND") return joinParts(parts);
  }
  parts.push(bytes.subarray(at));
  return joinParts(parts);
}

function isKept(type: string, length: number): boolean {
  return KEPT.has(type) && (type !== "eXIf" || length <= MAX_EXIF);
}

/** Puts the parts of a file together. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
