/**
 * A checksum inside of a file that it covers.
 *
 * The file's metadata hold 64 zeros where the SHA-256 of the file is to stand:
 * of the file with these zeros.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

/** The name of the checksum in the file's metadata. */
export const SEAL = "mfp_clip_part_sha256";

/** What stands there before the file is sealed. */
export const UNSEALED: string = "0".repeat(64);

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Writes the checksum of a file into it.
 *
 * @param bytes The file, whose last metadata are {@linkcode SEAL} and
 * {@linkcode UNSEALED}. They are changed.
 * @returns The same bytes.
 */
export function seal(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const buffer = bufferOf(bytes);
  const at = buffer.indexOf(UNSEALED, buffer.lastIndexOf(SEAL));
  buffer.write(sha256(bytes), at, "latin1");
  return bytes;
}

/**
 * Whether a file is as it was when it was sealed.
 *
 * @param bytes The file; it is not changed.
 * @param sum The checksum in its metadata.
 */
export function isSealed(bytes: Uint8Array, sum: string): boolean {
  const copy = bufferOf(bytes.slice());
  const at = copy.indexOf(sum, Math.max(copy.lastIndexOf(SEAL), 0));
  if (at < 0 || sum.length !== UNSEALED.length) return false;
  copy.write(UNSEALED, at, "latin1");
  return sha256(copy) === sum;
}
