/**
 * Reads of many small files of a zip archive, joined to few.
 *
 * @module
 */
import type { ByteRange } from "../../files/stored_bytes.ts";
import type { ZipEntry } from "../../files/zip_directory.ts";

/** Files that are read together have at most so many bytes. */
const WINDOW_BYTES = 1 << 23;

/** Files that are looked at together. */
const WINDOW_FILES = 1024;

/** Bytes between two files that are read rather than asked around. */
const GAP_BYTES = 1 << 16;

/** Where the headers of entries lie, in ascending order. */
export function offsetsOf(entries: Iterable<ZipEntry>): Float64Array {
  return Float64Array.from(
    entries,
    ({ relativeOffsetOfLocalHeader: offset }) => offset,
  ).sort();
}

/** The first of ascending numbers above another. */
function firstAbove(
  numbers: Float64Array,
  value: number,
): number | undefined {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return numbers[low];
}

/** The bytes of an entry with its header, up to those of the next entry. */
function rangeOf(
  { relativeOffsetOfLocalHeader: start, compressedSize }: ZipEntry,
  offsets: Float64Array,
): ByteRange | null {
  const end = firstAbove(offsets, start);
  // Behind the last entry lies the directory, so its end is not known.
  if (end === undefined || end - start < compressedSize) return null;
  return end - start > WINDOW_BYTES ? null : { start, end };
}

/**
 * Joins the parts of an archive that lie close together.
 *
 * @param ranges The parts, in any order.
 * @returns Those of at least two of them.
 */
export function joinRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: (ByteRange & { readonly count: number })[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    const isClose = last !== undefined && start - last.end <= GAP_BYTES &&
      end - last.start <= WINDOW_BYTES;
    if (!isClose) {
      joined.push({ start, end, count: 1 });
      continue;
    }
    joined[joined.length - 1] = {
      start: last.start,
      end: Math.max(end, last.end),
      count: last.count + 1,
    };
  }
  return joined.filter(({ count }) => count > 1)
    .map(({ start, end }) => ({ start, end }));
}

/** Files that are read together. */
interface Window {
  readonly paths: readonly string[];
  /** The parts of the archive that several of them share. */
  readonly shared: readonly ByteRange[];
}

/**
 * Divides files, in the order in which they are to be read, into groups that
 * are read together.
 *
 * @param paths The files.
 * @param entryOf Finds the entry of a file.
 * @param offsets The {@linkcode offsetsOf} of all entries.
 * @yields The groups.
 */
export function* windowsOf(
  paths: Iterable<string>,
  entryOf: (path: string) => ZipEntry | undefined,
  offsets: Float64Array,
): Generator<Window> {
  let files: string[] = [];
  let ranges: ByteRange[] = [];
  let bytes = 0;
  const take = (): Window => {
    const window = { paths: files, shared: joinRanges(ranges) };
    [files, ranges, bytes] = [[], [], 0];
    return window;
  };
  for (const path of paths) {
    const entry = entryOf(path);
    const range = entry === undefined ? null : rangeOf(entry, offsets);
    const size = range === null ? 0 : range.end - range.start;
    const isFull = bytes + size > WINDOW_BYTES || files.length === WINDOW_FILES;
    if (files.length > 0 && isFull) yield take();
    files.push(path);
    if (range !== null) ranges.push(range);
    bytes += size;
  }
  if (files.length > 0) yield take();
}
