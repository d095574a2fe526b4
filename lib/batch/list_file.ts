/**
 * Lists of images, as CSV with a line of names or as JSON lines:
 *
 *     uri,category,label,mask
 *     s3://bucket/line-4/0001.png,bottle,1,s3://bucket/masks/0001.png
 *     line-4/0002.png,bottle,0,
 *
 * @module
 */
import { parse } from "csv-parse/sync";
import { DataSetError } from "../data/sample.ts";

/** One image of a list. */
export interface ListEntry {
  /** Address of the image, whole or below the list's folder. */
  readonly uri: string;
  /** Product the image shows; null where the list does not say. */
  readonly category: string | null;
  /** 1 defective, 0 good, null where the list does not say. */
  readonly label: 0 | 1 | null;
  /** Address of the mask; null for none. */
  readonly mask: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

/** Characters of a wrong value that are shown: a line may be of any length. */
const MOST_SHOWN = 200;

const COLUMNS = ["uri", "category", "label", "mask"];

function refuse(location: string, must: string, value: unknown): never {
  const text = JSON.stringify(value);
  const shown = text.length > MOST_SHOWN
    ? `${text.slice(0, MOST_SHOWN)}...`
    : text;
  throw new DataSetError(
    `Cannot read the list ${location} as ${must}: current value is ${shown}`,
  );
}

/** Refuses objects and arrays, which JSON lines can hold. */
function assertPlain(location: string, line: number, fields: Fields): void {
  const odd = COLUMNS.find((name) =>
    typeof fields[name] === "object" && fields[name] !== null
  );
  if (odd === undefined) return;
  refuse(location, `the ${odd} of entry ${line} must be text`, fields[odd]);
}

function textOf(value: unknown): string | null {
  return value === undefined || value === null || value === ""
    ? null
    : String(value);
}

function labelOf(location: string, line: number, value: unknown): 0 | 1 | null {
  const text = textOf(value);
  if (text === null) return null;
  if (text === "0" || text === "1") return text === "1" ? 1 : 0;
  return refuse(location, `the label of entry ${line} must be 0 or 1`, value);
}

function toEntry(location: string, line: number, fields: Fields): ListEntry {
  const unknown = Object.keys(fields).find((name) => !COLUMNS.includes(name));
  if (unknown !== undefined) {
    refuse(location, `its columns must be ${COLUMNS.join(", ")}`, unknown);
  }
  assertPlain(location, line, fields);
  const uri = textOf(fields["uri"]);
  if (uri === null) {
    refuse(location, `entry ${line} must have a uri`, fields);
  }
  if (uri.split("/").includes("..")) {
    refuse(location, `the uri of entry ${line} must have no part ".."`, uri);
  }
  return {
    uri,
    category: textOf(fields["category"]),
    label: labelOf(location, line, fields["label"]),
    mask: textOf(fields["mask"]),
  };
}

function eachOnce(names: string[]): string[] {
  const again = names.find((name, i) => names.indexOf(name) < i);
  if (again === undefined) return names;
  throw new Error(`the column ${again} is there twice`);
}

function parseCsv(location: string, text: string): Fields[] {
  try {
    const records: Fields[] = parse(text, {
      bom: true,
      columns: eachOnce,
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

/**
 * Reads a list of images.
 *
 * @param location The list's address. If it ends with `.jsonl` or `.ndjson`, the
 * list is JSON lines, else CSV.
 * @param bytes Its content.
 * @returns Its entries, in order.
 * @throws {DataSetError} If it is empty or has another form.
 */
export function parseList(location: string, bytes: Uint8Array): ListEntry[] {
  const text = new TextDecoder().decode(bytes);
  const records = /\.(jsonl|ndjson)$/i.test(location)
    ? text.split("\n").flatMap((line, i) => parseLine(location, line, i))
    : parseCsv(location, text);
  if (records.length === 0) refuse(location, "it must name images", "");
  return records.map((fields, i) => toEntry(location, i + 1, fields));
}
