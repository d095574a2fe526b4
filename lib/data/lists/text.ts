/**
 * Text of lists that spreadsheets and other programs write.
 *
 * @module
 */

const BOMS: readonly (readonly [encoding: string, bytes: readonly number[]])[] =
  [
    ["utf-8", [0xef, 0xbb, 0xbf]],
    ["utf-16le", [0xff, 0xfe]],
    ["utf-16be", [0xfe, 0xff]],
  ];

/** Latin letters in UTF-16 have a zero in every second byte. */
function wideEncoding(bytes: Uint8Array): string | null {
  const head = bytes.subarray(0, 64);
  if (head.length < 4) return null;
  const zeros = [0, 0];
  head.forEach((byte, i) => byte === 0 && zeros[i % 2]!++);
  const half = head.length / 2;
  if (zeros[1]! > 0.8 * half && zeros[0] === 0) return "utf-16le";
  return zeros[0]! > 0.8 * half && zeros[1] === 0 ? "utf-16be" : null;
}

/**
 * Decodes text in UTF-8 or UTF-16, with or without a byte order mark. What is
 * neither is read as Windows-1252, as European Excel writes it.
 *
 * @param bytes The text's bytes.
 * @returns The text, without a byte order mark.
 */
export function decodeText(bytes: Uint8Array): string {
  const marked = BOMS.find(([, mark]) =>
    mark.every((byte, i) => bytes[i] === byte)
  );
  const encoding = marked?.[0] ?? wideEncoding(bytes);
  if (encoding !== null) return new TextDecoder(encoding).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
