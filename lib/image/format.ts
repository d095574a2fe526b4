/**
 * Recognises image files by their first bytes, never by their name.
 *
 * @module
 */
import { ImageDecodeError } from "./image.ts";

/** The formats this project decodes. */
export type ImageFormat =
  | "PNG"
  | "JPEG"
  | "TIFF"
  | "WebP"
  | "BMP"
  | "PGM or PPM";

const DECODED: ReadonlySet<string> = new Set<ImageFormat>([
  "PNG",
  "JPEG",
  "TIFF",
  "WebP",
  "BMP",
  "PGM or PPM",
]);

/** Format, offset, and the bytes (as Latin-1) found there. */
const SIGNATURES: readonly (readonly [string, number, string])[] = [
  ["PNG", 0, "\x89PNG\r\n\x1a\n"],
  ["JPEG", 0, "\xff\xd8\xff"],
  ["TIFF", 0, "II*\0"],
  ["TIFF", 0, "MM\0*"],
  ["TIFF", 0, "II+\0"],
  ["TIFF", 0, "MM\0+"],
  ["BMP", 0, "BM"],
  ["GIF", 0, "GIF8"],
  ["AVIF", 4, "ftypavi"],
  ["HEIC", 4, "ftyphe"],
  ["HEIC", 4, "ftypmif1"],
  ["JPEG XL", 0, "\xff\x0a"],
  ["JPEG XL", 4, "JXL \r\n"],
  ["JPEG 2000", 4, "jP  \r\n"],
  ["JPEG 2000", 0, "\xff\x4f\xff\x51"],
  ["PSD", 0, "8BPS"],
  ["PDF", 0, "%PDF"],
  ["ICO", 0, "\0\0\x01\0"],
  ["DICOM", 128, "DICM"],
  ["ZIP", 0, "PK\x03\x04"],
  ["Git LFS pointer", 0, "version https://git-lfs"],
];

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function nameOf(bytes: Uint8Array): string {
  const head = latin1(bytes.subarray(0, 512));
  const known = SIGNATURES.find(([, offset, signature]) =>
    head.startsWith(signature, offset)
  );
  if (known !== undefined) return known[0];
  if (head.startsWith("RIFF") && head.startsWith("WEBP", 8)) return "WebP";
  if (/^P[2356][\s#]/.test(head)) return "PGM or PPM";
  if (/^P[14][\s#]/.test(head)) return "PBM";
  if (/^(\xef\xbb\xbf)?\s*<(\?xml|!--|!doctype svg|svg)/i.test(head)) {
    return "SVG or XML";
  }
  if (/^(\xef\xbb\xbf)?\s*</.test(head)) return "HTML or XML";
  return "unknown";
}

/**
 * Names the format of an image file.
 *
 * @param bytes The file's bytes.
 * @returns The format.
 * @throws {ImageDecodeError} If the file is empty or of another format.
 */
export function identifyFormat(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) {
    throw new ImageDecodeError(
      "Cannot decode the image as its file must not be empty: current value is 0 bytes",
      { reason: "unsupported" },
    );
  }
  const name = nameOf(bytes);
  if (DECODED.has(name)) return name as ImageFormat;
  const shown = name === "unknown"
    ? `unknown, the file starts with ${hex(bytes.subarray(0, 8))}`
    : name;
  throw new ImageDecodeError(
    `Cannot decode the image as its format must be PNG, JPEG, TIFF, WebP, BMP, PGM or PPM: current value is ${shown}`,
    { reason: "unsupported" },
  );
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
}
