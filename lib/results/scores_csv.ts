/**
 * Verdicts as a CSV file, for spreadsheets.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 *
 * @module
 */
import type { ScoreRow } from "./summary.ts";

/** What stands between the fields of a line. */
export type Separator = "," | ";";

/** The columns, in order. */
const COLUMNS = [
  "key",
  "category",
  "verdict",
  "score",
  "score_logit",
  "threshold",
  "confidence",
  "regions",
  "label",
  "error",
] as const;

/** Excel reads UTF-8 only behind a byte order mark. */
const BYTE_ORDER_MARK = "\uFEFF";

/** Spreadsheets would take a text that starts so as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function verdictOf({ is_anomalous, error }: ScoreRow): string {
  if (error !== null) return "error";
  if (is_anomalous === null || is_anomalous === undefined) return "";
  return is_anomalous ? "bad" : "good";
}

function labelOf({ label }: ScoreRow): string {
  if (label === null) return "";
  return label === 1 ? "bad" : "good";
}

/** A text as a field, safe from being read as a formula. */
export function quoted(text: string, separator: Separator): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return safe.includes(separator) || /["\r\n]/.test(safe)
    ? `"${safe.replaceAll('"', '""')}"`
    : safe;
}

/** Where fields are separated by `;`, decimals are by `,`. */
function decimal(
  value: number | null | undefined,
  { separator, digits }: { separator: Separator; digits: number },
): string {
  if (value === null || value === undefined) return "";
  const text = value.toFixed(digits);
  return separator === ";" ? text.replace(".", ",") : text;
}

function fieldsOf(row: ScoreRow, separator: Separator): string[] {
  const text = (value: string) => quoted(value, separator);
  const number = (value: number | null | undefined, digits: number) =>
    decimal(value, { separator, digits });
  return [
    text(row.key),
    text(row.category),
    verdictOf(row),
    number(row.score, 6),
    number(row.score_logit, 4),
    number(row.threshold, 4),
    number(row.confidence, 4),
    number(row.regions?.length, 0),
    labelOf(row),
    text(row.error ?? ""),
  ];
}

/**
 * Encodes lines of rows, in their order.
 *
 * @param rows The rows.
 * @param separator What stands between fields.
 */
export function encodeScoresLines(
  rows: readonly ScoreRow[],
  separator: Separator = ",",
): Uint8Array<ArrayBuffer> {
  const lines = rows.map((row) => fieldsOf(row, separator).join(separator));
  return new TextEncoder().encode([...lines, ""].join("\r\n"));
}

/**
 * Encodes the line of names of columns.
 *
 * @param separator What stands between them.
 */
export function encodeScoresHeader(
  separator: Separator = ",",
): Uint8Array<ArrayBuffer> {
  const mark = separator === ";" ? BYTE_ORDER_MARK : "";
  return new TextEncoder().encode(`${mark}${COLUMNS.join(separator)}\r\n`);
}

/**
 * Encodes rows as CSV, ordered by key (code units), with lines that end in CRLF
 * as RFC 4180 has them. Texts that a spreadsheet would take as a formula start
 * with an apostrophe.
 *
 * @param rows The rows, in any order.
 * @param separator `;` for Excel where decimals are written with a comma: it
 * then opens the file with a double click.
 */
export function encodeScoresCsv(
  rows: readonly ScoreRow[],
  separator: Separator = ",",
): Uint8Array<ArrayBuffer> {
  const sorted = rows.toSorted((a, b) =>
    a.key < b.key ? -1 : a.key > b.key ? 1 : 0
  );
  const header = encodeScoresHeader(separator);
  const lines = encodeScoresLines(sorted, separator);
  const bytes = new Uint8Array(header.length + lines.length);
  bytes.set(header);
  bytes.set(lines, header.length);
  return bytes;
}
