/**
 * Lists of images, as CSV with a line of names or as JSON lines:
 *
 *     uri,category,label,mask
 *     s3://bucket/line-4/0001.png,bottle,1,s3://bucket/masks/0001.png
 *     line-4/0002.png,bottle,0,
 *
 * Columns are found by their names, in any order; others are ignored. Fields
 * may be separated by commas, semicolons, tabs or bars.
 *
 * @module
 */
import { parse } from "csv-parse/sync";
import {
  EntryReader,
  type Fields,
  type ListEntry,
  refuse,
} from "./entry_reader.ts";
import { decodeText } from "./text.ts";

/** Options of {@linkcode parseList}. */
export interface ListOptions {
  /**
   * The least probability that counts as a defect.
   *
   * @default {0.5}
   */
  readonly labelThreshold?: number;
}

/**
 * Columns of a list at most. Tables of features have thousands; more than that
 * is a table that was turned, or made to keep its reader busy.
 */
const MOST_COLUMNS = 10_000;

function eachOnce(names: string[]): string[] {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name) && name !== "") {
      throw new Error(`the column ${name} is there twice`);
    }
    seen.add(name);
  }
  return names;
}

/** Excel reads, and some programs write, `sep=;` above the names. */
const SEPARATOR_REGEXP = /^"?sep=(.)"?[^\S\r\n]*\r?\n/i;

/** The line of names, without what is in quotes. */
function headOf(text: string): string {
  return text.slice(0, text.search(/[\r\n]|$/)).replaceAll(/"[^"]*"/g, "");
}

/** The separator that the line of names has most often. */
function separatorOf(text: string): string {
  const head = headOf(text);
  let [best, most] = [",", 0];
  for (const separator of [",", ";", "\t", "|"]) {
    const count = head.split(separator).length - 1;
    if (count > most) [best, most] = [separator, count];
  }
  return best;
}

/** Counts before anything is parsed; names in quotes may hold separators. */
function assertNarrow(location: string, text: string, delimiter: string): void {
  const names = headOf(text).split(delimiter).length;
  if (names <= MOST_COLUMNS) return;
  refuse(location, `it must have at most ${MOST_COLUMNS} columns`, names);
}

function parseCsv(location: string, text: string): Fields[] {
  const all = text.trimStart();
  const [line = "", separator] = all.match(SEPARATOR_REGEXP) ?? [];
  const start = all.slice(line.length);
  const delimiter = separator ?? separatorOf(start);
  assertNarrow(location, start, delimiter);
  try {
    const records: Fields[] = parse(start, {
      columns: eachOnce,
      delimiter,
      skip_empty_lines: true,
      // Excel writes `;;;` for lines that were emptied.
      skip_records_with_empty_values: true,
      trim: true,
    });
    return records;
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return refuse(location, "it must be CSV with a line of names", found);
  }
}

function parseLine(location: string, line: string, index: number): Fields[] {
  if (line.trim() === "") return [];
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return [{ ...value }];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return refuse(location, `line ${index + 1} must be a JSON object`, line);
}

/** The names of all fields; those of CSV are the same in every line. */
function namesOf(records: readonly Fields[], isJson: boolean): Set<string> {
  const some = isJson ? records : records.slice(0, 1);
  return new Set(some.flatMap((fields) => Object.keys(fields)));
}

/**
 * Whether a file is a list by its name.
 *
 * @param location Its path or address.
 * @returns Whether it is.
 */
export function isListName(location: string): boolean {
  return /\.(csv|tsv|jsonl|ndjson)$/i.test(location);
}

/** Lists with a line for each defect name an image more than once. */
function joinDefects(entries: readonly ListEntry[]): ListEntry[] {
  const joined = new Map<string, ListEntry>();
  for (const [i, entry] of entries.entries()) {
    const { uri, category, label, split, masks } = entry;
    const isJoinable = label === 1 && masks.length > 0;
    const name = JSON.stringify(
      isJoinable ? [uri, category, split] : [uri, i],
    );
    const before = joined.get(name);
    const kinds = new Set([before?.defect ?? "", entry.defect ?? ""]);
    kinds.delete("");
    joined.set(name, {
      ...entry,
      defect: [...kinds].sort().join("+") || null,
      masks: [...new Set([...before?.masks ?? [], ...masks])],
    });
  }
  return [...joined.values()];
}

/**
 * Reads a list of images.
 *
 * @param location The list's address; JSON lines where it ends with `.jsonl`
 * or `.ndjson`, else CSV.
 * @param bytes Its content.
 * @param options How to read labels.
 * @returns Its entries, in order.
 * @throws {DataSetError} If it is not as it must be, or empty.
 */
export function parseList(
  location: string,
  bytes: Uint8Array,
  options: ListOptions = {},
): ListEntry[] {
  const text = decodeText(bytes);
  const isJson = /\.(jsonl|ndjson)$/i.test(location);
  const records = isJson
    ? text.split("\n").flatMap((line, i) => parseLine(location, line, i))
    : parseCsv(location, text);
  if (records.length === 0) refuse(location, "it must name images", "");
  const names = namesOf(records, isJson);
  const reader = new EntryReader(location, names, { ...options, records });
  return joinDefects(records.map((fields, i) => reader.read(fields, i + 1)));
}
