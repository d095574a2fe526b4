/**
 * Room on a disk.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { DiskError } from "../../files/disk_error.ts";

/** Kept free, as a full disk breaks more than a download. */
const RESERVE = 64 * 2 ** 20;

/** How many bytes may be written below a folder. */
export type FreeBytes = (folder: string) => Promise<number>;

/**
 * Asks the system for the room that is left.
 *
 * @param folder A folder on the disk.
 * @returns Bytes that this user may write.
 */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Writes a number of bytes as people read it.
 *
 * @returns Such as `1.71 GB`.
 */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/**
 * Checks that there is room before anything is written.
 *
 * @param folder Where it is to be written.
 * @param options What is to be written, its size, and how to find the room.
 * @throws {DiskError} If there is not enough.
 */
export async function assertRoom(
  folder: string,
  options: {
    readonly what: string;
    readonly bytes: number;
    readonly free?: FreeBytes;
  },
): Promise<void> {
  const { what, bytes, free = freeBytes } = options;
  const room = await free(folder);
  if (room >= bytes + RESERVE) return;
  const message = `Cannot write ${what} as its disk must have room for it: ` +
    `${formatBytes(bytes)} are needed and ` +
    `${formatBytes(Math.max(room - RESERVE, 0))} are free`;
  throw new DiskError(message, "full");
}
