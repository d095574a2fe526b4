/**
 * Which bytes of a file are there.
 *
 * @module
 */
import type { ByteRange } from "../../files/stored_bytes.ts";

/**
 * Adds a range to others.
 *
 * @param ranges Ranges that rise and do not touch.
 * @returns The same with it, again rising and not touching.
 */
export function addRange(
  ranges: readonly ByteRange[],
  added: ByteRange,
): ByteRange[] {
  if (added.start >= added.end) return [...ranges];
  let { start, end } = added;
  const apart: ByteRange[] = [];
  for (const range of ranges) {
    if (range.end < start || range.start > end) {
      apart.push(range);
    } else {
      start = Math.min(start, range.start);
      end = Math.max(end, range.end);
    }
  }
  return [...apart, { start, end }].sort((a, b) => a.start - b.start);
}

/**
 * Finds what is missing, in pieces.
 *
 * @param ranges Ranges that are there, rising and not touching.
 * @param size Bytes of the whole file.
 * @param longest Bytes of a piece at most.
 * @returns The missing pieces, rising.
 */
export function missingRanges(
  ranges: readonly ByteRange[],
  size: number,
  longest: number,
): ByteRange[] {
  const missing: ByteRange[] = [];
  let at = 0;
  for (const { start, end } of [...ranges, { start: size, end: size }]) {
    for (; at < start; at += longest) {
      missing.push({ start: at, end: Math.min(at + longest, start) });
    }
    at = end;
  }
  return missing;
}

/**
 * Counts the bytes of ranges that do not overlap.
 *
 * @returns How many bytes they hold.
 */
export function countBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/**
 * Finds up to where a file is there without a gap.
 *
 * @param ranges Ranges that rise and do not touch.
 * @returns The offset of the first byte that is missing.
 */
export function frontier(ranges: readonly ByteRange[]): number {
  const [first] = ranges;
  return first?.start === 0 ? first.end : 0;
}
