/**
 * Rules for keys, the same in folders and buckets, and their order.
 *
 * @module
 */
import type { ByteRange } from "../files/stored_bytes.ts";
import { StorageError } from "./object_store.ts";

/** As S3 has it. */
const MAX_KEY_BYTES = 1024;

const SURROGATES_START = 0xd800;
const SURROGATES_END = 0xe000;

/** UTF-16 code units in the order of the UTF-8 bytes they stand for. */
function rankOf(unit: number): number {
  if (unit < SURROGATES_START) return unit;
  return unit < SURROGATES_END ? unit + 0x10000 : unit;
}

/**
 * Orders keys by their UTF-8 bytes, as S3 lists them.
 *
 * @returns Below 0 where `a` comes first, above 0 where `b` does, else 0.
 */
export function compareKeys(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = rankOf(a.charCodeAt(i)) - rankOf(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function isKey(key: string): boolean {
  return key !== "" && key.isWellFormed() && !key.includes("\0") &&
    new TextEncoder().encode(key).length <= MAX_KEY_BYTES &&
    !key.split("/").some((part) => part === "." || part === "..");
}

/**
 * Refuses a key that a store cannot have, or that would leave its root.
 *
 * @param uri The store's address, for messages.
 * @param key The key below its root.
 * @throws {StorageError} If it is empty, longer than 1,024 bytes, or has `.`
 * or `..` as a part.
 */
export function checkKey(uri: string, key: string): void {
  if (isKey(key)) return;
  const message = `Cannot use a key in ${uri} as it must have 1 to ` +
    `${MAX_KEY_BYTES} bytes and no part "." or "..": current value is ` +
    JSON.stringify(key);
  throw new StorageError(message, "invalid");
}

/**
 * Refuses an invalid range.
 *
 * @param location The object, for messages.
 * @throws {StorageError} If it does not run from one offset to a later one.
 */
export function checkRange(location: string, range: ByteRange): void {
  const { start, end } = range;
  if (start >= 0 && start <= end && Number.isSafeInteger(start)) {
    if (Number.isSafeInteger(end) || end === Infinity) return;
  }
  const message = `Cannot read a part of ${location} as its offsets must be ` +
    `whole and ascending: current value is ${start} to ${end}`;
  throw new StorageError(message, "invalid");
}
