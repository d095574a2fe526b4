/**
 * The scores of an evaluation as a Parquet file.
 *
 * @module
 */
import {
  type FileMetaData,
  parquetMetadata,
  parquetReadObjects,
} from "hyparquet";
import { type BasicType, parquetWriteBuffer } from "hyparquet-writer";
import type { ScoreRow } from "./summary.ts";
import type { JudgedRow } from "./verdict.ts";

type VerdictName = keyof JudgedRow;

interface Column {
  readonly type: BasicType;
  readonly nullable: boolean;
}

/** Doubles hold every float32 and float64 score without loss. */
const COLUMNS: Readonly<
  Record<Exclude<keyof ScoreRow, VerdictName | "note">, Column>
> = {
  key: { type: "STRING", nullable: false },
  category: { type: "STRING", nullable: false },
  label: { type: "INT32", nullable: true },
  score: { type: "DOUBLE", nullable: true },
  score_logit: { type: "DOUBLE", nullable: true },
  width: { type: "INT32", nullable: true },
  height: { type: "INT32", nullable: true },
  milliseconds: { type: "DOUBLE", nullable: true },
  error: { type: "STRING", nullable: true },
};

/** Columns of runs with thresholds. */
const VERDICT_COLUMNS: Readonly<Record<VerdictName, Column>> = {
  is_anomalous: { type: "BOOLEAN", nullable: true },
  threshold: { type: "DOUBLE", nullable: true },
  confidence: { type: "DOUBLE", nullable: true },
  regions: { type: "JSON", nullable: true },
};

/** The column of runs with damaged images. */
const NOTE_COLUMN: Column = { type: "STRING", nullable: true };

const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
const VERDICT_NAMES = Object.keys(VERDICT_COLUMNS) as VerdictName[];

function compareKeys(a: ScoreRow, b: ScoreRow): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

/** Whether a run has thresholds, and so its rows have verdicts. */
function hasVerdicts(rows: readonly ScoreRow[]): boolean {
  return rows.some(({ is_anomalous }) => is_anomalous !== undefined);
}

/**
 * Encodes rows as Parquet, ordered by key (code units). Verdicts and notes are
 * columns only where there are some.
 *
 * @param rows The rows, in any order.
 * @param notes Key-value metadata of the file.
 * @returns The file's bytes.
 */
export function writeScores(
  rows: readonly ScoreRow[],
  notes: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const sorted = rows.toSorted(compareKeys);
  const scores = NAMES.map((name) => ({
    name,
    data: sorted.map((row) => row[name]),
    ...COLUMNS[name],
  }));
  const verdicts = VERDICT_NAMES.map((name) => ({
    name,
    data: sorted.map((row) => row[name] ?? null),
    ...VERDICT_COLUMNS[name],
  }));
  const note = {
    name: "note",
    data: sorted.map((row) => row.note ?? null),
    ...NOTE_COLUMN,
  };
  const columnData = [
    ...scores,
    ...hasVerdicts(rows) ? verdicts : [],
    ...rows.some((row) => typeof row.note === "string") ? [note] : [],
  ];
  const kvMetadata = Object.entries(notes).map(([key, value]) => ({
    key,
    value,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata }));
}

/**
 * Decodes what {@linkcode writeScores} encoded. Columns beside those of
 * {@linkcode ScoreRow} are ignored.
 *
 * @param bytes The file's bytes.
 * @returns The rows, in the order of the file.
 * @throws {TypeError} If the bytes are not Parquet or lack a column.
 */
export async function readScores(bytes: Uint8Array): Promise<ScoreRow[]> {
  const file = bytes.slice().buffer;
  const present = metadataOf(file).schema.map(({ name }) => name);
  const missing = NAMES.filter((name) => !present.includes(name));
  if (missing.length > 0) {
    throw new TypeError(
      `Cannot read scores as the file must have the columns ${
        NAMES.join(", ")
      }: current value lacks ${missing.join(", ")}`,
    );
  }
  const columns = [...NAMES, ...VERDICT_NAMES, "note"]
    .filter((name) => present.includes(name));
  return await parquetReadObjects({ file, columns }) as ScoreRow[];
}

/**
 * Reads the key-value metadata of a file.
 *
 * @param bytes The file's bytes.
 * @returns The notes, as given to {@linkcode writeScores}.
 * @throws {TypeError} If the bytes are not Parquet.
 */
export function readNotes(bytes: Uint8Array): Record<string, string> {
  const { key_value_metadata = [] } = metadataOf(bytes.slice().buffer);
  return Object.fromEntries(
    key_value_metadata.map(({ key, value = "" }) => [key, value]),
  );
}

function metadataOf(file: ArrayBuffer): FileMetaData {
  try {
    return parquetMetadata(file);
  } catch (cause) {
    throw new TypeError(
      `Cannot read scores as the bytes must be a Parquet file: current value is ${file.byteLength} bytes of something else`,
      { cause },
    );
  }
}
