/**
 * The number of scans of a JPEG file.
 *
 * A decoder goes over the whole image once for each scan. A valid file of 144
 * kB with 882 scans takes 94 times as long as a plain one of its size, and
 * libjpeg cannot be stopped in between.
 *
 * @module
 */

const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/** A stuffed zero byte, a restart marker or a fill byte: no marker segment. */
function isInScan(code: number): boolean {
  return code === 0 || code === 0xff || (code >= 0xd0 && code <= 0xd7);
}

/** Where the next marker segment starts, behind the data of a scan. */
function afterScan(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0 && isInScan(bytes[at + 1] ?? END_OF_IMAGE)) {
    at = bytes.indexOf(0xff, at + 1);
  }
  return at < 0 ? bytes.length : at;
}

/**
 * Counts the scans of a JPEG file's first image.
 *
 * @param bytes The file's bytes.
 * @returns The number of scans; 1 for a baseline file.
 */
export function countScans(bytes: Uint8Array): number {
  let scans = 0;
  let at = 0;
  while (at + 3 < bytes.length && bytes[at] === 0xff) {
    const code = bytes[at + 1]!;
    if (code === END_OF_IMAGE) break;
    if (code === START_OF_IMAGE || isInScan(code)) {
      at += code === 0xff ? 1 : 2;
      continue;
    }
    const length = bytes[at + 2]! << 8 | bytes[at + 3]!;
    at += 2 + length;
    if (code !== START_OF_SCAN) continue;
    scans++;
    at = afterScan(bytes, at);
  }
  return scans;
}
