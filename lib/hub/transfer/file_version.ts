/**
 * What the headers of a response say about the file.
 *
 * @module
 */
import type { ByteRange } from "../../files/stored_bytes.ts";

/** How a server distinguishes versions of a file. */
export interface FileVersion {
  /** Bytes of the whole file, null where the server does not say. */
  readonly size: number | null;
  /** The ETag header. */
  readonly etag: string | null;
  /** The Last-Modified header. */
  readonly modified: string | null;
}

/** A part of a file, as Content-Range has it. */
export interface SentRange extends ByteRange {
  /** Bytes of the whole file, null where the server does not say. */
  readonly size: number | null;
}

/** What a response says about the file. */
export interface Answer {
  /** The part it holds; undefined where it holds none, or does not say. */
  readonly sent: SentRange | undefined;
  /** The version. */
  readonly version: FileVersion;
}

/** Reads `Content-Range: bytes 0-499/1234`. */
function sentRange(headers: Headers): SentRange | undefined {
  const text = headers.get("content-range") ?? "";
  const [, first, last, total] = text.match(/^bytes (\d+)-(\d+)\/(\d+|\*)$/) ??
    [];
  if (first === undefined) return undefined;
  const [start, end] = [Number(first), Number(last) + 1];
  const size = total === "*" ? null : Number(total);
  const isValid = start < end && (size === null || end <= size);
  return isValid ? { start, end, size } : undefined;
}

function wholeSize({ headers, status }: Response): number | null {
  const text = status === 200
    ? headers.get("content-length") ?? ""
    : headers.get("content-range")?.replace(/^bytes \*\//, "") ?? "";
  return /^\d+$/.test(text) ? Number(text) : null;
}

/**
 * Reads what a response says about the file.
 *
 * @param response A response with status 200, 206 or 416; of others nothing
 * but the marks of the version is to be used.
 * @returns The part it holds, and the version.
 */
export function answerOf(response: Response): Answer {
  const { headers, status } = response;
  const sent = status === 206 ? sentRange(headers) : undefined;
  const version = {
    size: sent === undefined ? wholeSize(response) : sent.size,
    etag: headers.get("etag"),
    modified: headers.get("last-modified"),
  };
  return { sent, version };
}

/**
 * Whether a version can be distinguished from others, so that parts may be
 * joined.
 *
 * @returns Whether it has a mark.
 */
export function isMarked({ etag, modified }: FileVersion): boolean {
  return etag !== null || modified !== null;
}

/**
 * Whether two responses are of one version, as far as their headers say.
 *
 * @returns False where they must differ.
 */
export function isSameVersion(a: FileVersion, b: FileVersion): boolean {
  const fits = <T>(x: T | null, y: T | null) =>
    x === null || y === null || x === y;
  if (!fits(a.size, b.size) || !fits(a.etag, b.etag)) return false;
  return a.etag !== null && b.etag !== null || fits(a.modified, b.modified);
}

/** The value of If-Range, where weak ETags may not be used. */
function ifRange({ etag, modified }: FileVersion): string | undefined {
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return modified ?? undefined;
}

/**
 * The headers that ask for a part of a file.
 *
 * @param range The part; all of the file where it is undefined.
 * @param version The version that the part must be of, where that is known.
 * @returns Range and If-Range.
 */
export function partHeaders(
  range: ByteRange | undefined,
  version: FileVersion | undefined,
): Record<string, string> {
  const condition = version && ifRange(version);
  return {
    ...range && { range: `bytes=${range.start}-${range.end - 1}` },
    ...condition && { "if-range": condition },
  };
}
