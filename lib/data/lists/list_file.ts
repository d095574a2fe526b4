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
import { DataSetError } from "../sample.ts";
import { COLUMN_NAMES, findColumns, parseLabel } from "./columns.ts";
import { roleOf } from "../layouts/words.ts";
import { decodeText } from "./text.ts";

/** One image of a list. */
export interface ListEntry {
  /** Address of the image, whole or below the list's folder. */
  readonly uri: string;
  /** Product the image shows; null where the list does not say. */
  readonly category: string | null;
  /** 1 defective, 0 good, null where the list does not say. */
  readonly label: 0 | 1 | null;
  /** Kind of defect; null where the list does not say. */
  readonly defect: string | null;
  /** Part of the data set in lower case; null where the list does not say. */
  readonly split: string | null;
  /** Addresses of masks; empty for none. */
  readonly masks: readonly string[];
}

/** Options of {@linkcode parseList}. */
export interface ListOptions {
  /**
   * The least probability that counts as a defect.
   *
   * @default {0.5}
   */
  readonly labelThreshold?: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Characters of a wrong value that are shown: a line may be of any length. */
const MOST_SHOWN = 200;

function refuse(location: string, must: string, value: unknown): never {
  const text = JSON.stringify(value) ?? "nothing";
  const shown = text.length > MOST_SHOWN
    ? `${text.slice(0, MOST_SHOWN)}...`
    : text;
  throw new DataSetError(
    `Cannot read the list ${location} as ${must}: current value is ${shown}`,
  );
}

/** Reads the entries of one list, whose columns are known. */
class EntryReader {
  readonly #location: string;
  readonly #columns: ReturnType<typeof findColumns>;
  readonly #threshold: number;
  /** Whether some are called good, so that other words are defects. */
  readonly #hasGood: boolean;

  constructor(
    location: string,
    names: ReadonlySet<string>,
    { labelThreshold = 0.5, records }: ListOptions & {
      readonly records: readonly Fields[];
    },
  ) {
    this.#location = location;
    this.#columns = findColumns(names);
    this.#threshold = labelThreshold;
    const { label } = this.#columns;
    this.#hasGood = label !== undefined &&
      records.some((fields) => roleOf(String(fields[label])) === "good");
    if (this.#columns.uri !== undefined) return;
    refuse(
      location,
      `a column must name the images (${COLUMN_NAMES.uri.join(", ")})`,
      [...names].slice(0, 20).join(", "),
    );
  }

  read(fields: Fields, line: number): ListEntry {
    const uri = this.#text(fields, "uri", line);
    if (uri === null) {
      refuse(this.#location, `entry ${line} must have a uri`, fields);
    }
    if (uri.split(/[/\\]/).includes("..")) {
      const must = `the uri of entry ${line} must have no part ".."`;
      refuse(this.#location, must, uri);
    }
    const { label, defect } = this.#label(fields, line);
    return {
      uri,
      category: this.#text(fields, "category", line),
      label,
      defect: label === 1 ? this.#text(fields, "defect", line) ?? defect : null,
      split: this.#text(fields, "split", line)?.toLowerCase() ?? null,
      masks: this.#masks(fields, line),
    };
  }

  /** Objects, which JSON lines can hold, are no text. */
  #text(
    fields: Fields,
    column: keyof typeof COLUMN_NAMES,
    line: number,
  ): string | null {
    const name = this.#columns[column];
    const value = name === undefined ? undefined : fields[name];
    if (typeof value === "object" && value !== null) {
      const must = `the ${name} of entry ${line} must be text`;
      refuse(this.#location, must, value);
    }
    const text = String(value ?? "").trim();
    return text === "" ? null : text;
  }

  #label(
    fields: Fields,
    line: number,
  ): { readonly label: 0 | 1 | null; readonly defect: string | null } {
    const text = this.#text(fields, "label", line);
    if (text === null) return { label: null, defect: null };
    const label = parseLabel(text, this.#threshold);
    if (label !== undefined) return { label, defect: null };
    if (this.#hasGood && !/^[\d.,+-]+$/.test(text)) {
      return { label: 1, defect: text };
    }
    const must =
      `the label of entry ${line} must be 0 or 1, a probability, or a word for good or defective`;
    return refuse(this.#location, must, text);
  }

  #masks(fields: Fields, line: number): string[] {
    const value = fields[this.#columns.mask ?? ""];
    if (Array.isArray(value)) {
      return value.filter((path) => typeof path === "string" && path !== "");
    }
    const text = this.#text(fields, "mask", line);
    return text === null ? [] : [text];
  }
}

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

/** The separator that the line of names has most often. */
function separatorOf(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]|$/))
    .replaceAll(/"[^"]*"/g, "");
  let [best, most] = [",", 0];
  for (const separator of [",", ";", "\t", "|"]) {
    const count = head.split(separator).length - 1;
    if (count > most) [best, most] = [separator, count];
  }
  return best;
}

function parseCsv(location: string, text: string): Fields[] {
  const start = text.trimStart();
  try {
    const records: Fields[] = parse(start, {
      columns: eachOnce,
      delimiter: separatorOf(start),
      skip_empty_lines: true,
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
  return records.map((fields, i) => reader.read(fields, i + 1));
}
