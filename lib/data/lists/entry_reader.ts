/**
 * One line of a list, read by what its columns are called.
 *
 * @module
 */
import { shownJson } from "../../files/shown_json.ts";
import { roleOf } from "../layouts/words.ts";
import { DataSetError } from "../sample.ts";
import { isImageName } from "../source.ts";
import {
  COLUMN_NAMES,
  findColumns,
  isNothing,
  isUnknown,
  parseLabel,
} from "./columns.ts";

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

/** The fields of a line by the names of their columns. */
export type Fields = Readonly<Record<string, unknown>>;

/** Characters of a wrong value that are shown: a line may be of any length. */
const MOST_SHOWN = 200;

/**
 * Refuses a list.
 *
 * @param location The list.
 * @param must What must hold.
 * @param value What holds.
 * @throws {DataSetError} Always.
 */
export function refuse(location: string, must: string, value: unknown): never {
  const shown = shownJson(value, MOST_SHOWN);
  throw new DataSetError(
    `Cannot read the list ${location} as ${must}: current value is ${shown}`,
  );
}

/** What an {@linkcode EntryReader} must know of a list. */
export interface EntryReaderOptions {
  /** The least probability that counts as a defect. */
  readonly labelThreshold?: number;
  /** All lines. */
  readonly records: readonly Fields[];
}

/** Lists in lists may be too deep to be made text. */
function isGood(value: unknown): boolean {
  return typeof value !== "object" && roleOf(String(value)) === "good";
}

/** Reads the entries of one list, whose columns are known. */
export class EntryReader {
  readonly #location: string;
  readonly #columns: ReturnType<typeof findColumns>;
  readonly #threshold: number;
  /** Whether the labels say what is good, not what is defective. */
  readonly #isTurned: boolean;
  /** Whether some are called good, so that other words are defects. */
  readonly #hasGood: boolean;

  /**
   * Finds the columns.
   *
   * @param location The list, for messages.
   * @param names The names of its columns.
   * @param options All its lines, and how to read labels.
   * @throws {DataSetError} If no column names images.
   */
  constructor(
    location: string,
    names: ReadonlySet<string>,
    { labelThreshold = 0.5, records }: EntryReaderOptions,
  ) {
    this.#location = location;
    const found = findColumns(names);
    this.#isTurned = found.label === undefined && found.good !== undefined;
    const label = found.label ?? found.good;
    this.#columns = { ...found, ...label !== undefined && { label } };
    this.#threshold = labelThreshold;
    this.#hasGood = label !== undefined &&
      records.some((fields) => isGood(fields[label]));
    if (this.#columns.uri !== undefined) return;
    refuse(
      location,
      `a column must name the images (${COLUMN_NAMES.uri.join(", ")})`,
      [...names].slice(0, 20).join(", "),
    );
  }

  /**
   * Reads an entry.
   *
   * @param fields Its fields.
   * @param line Its number, from 1.
   * @throws {DataSetError} If it is not as it must be.
   */
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
      category: this.#text(fields, "category", line)?.normalize("NFC") ?? null,
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
    if (text === null || isUnknown(text)) return { label: null, defect: null };
    const label = parseLabel(text, {
      threshold: this.#threshold,
      isTurned: this.#isTurned,
    });
    if (label !== undefined) return { label, defect: null };
    if (this.#hasGood && !isNothing(text) && !/^[\d.,+-]+$/.test(text)) {
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
    if (text === null || isNothing(text)) return [];
    const several = text.split(/[;|]/).map((path) => path.trim());
    return several.every(isImageName) ? several : [text];
  }
}
