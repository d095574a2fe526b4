/**
 * The scores of an evaluation as a Parquet file.
 *
 * @module
 */
import {
  type FileMetaData,
  parquetMetadata,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet";
import {
  type BasicType,
  ByteWriter,
  type ColumnSource,
  type KeyValue,
  parquetWriteBuffer,
  ParquetWriter,
  schemaFromColumnData,
} from "hyparquet-writer";
import { checkParquet } from "./parquet_pages.ts";
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

/** Which columns a file has beside those of every run. */
interface OptionalColumns {
  readonly hasVerdicts: boolean;
  readonly hasNotes: boolean;
}

function columnsOf(
  rows: readonly ScoreRow[],
  { hasVerdicts, hasNotes }: OptionalColumns,
): ColumnSource[] {
  const scores = NAMES.map((name) => ({
    name,
    data: rows.map((row) => row[name]),
    ...COLUMNS[name],
  }));
  const verdicts = VERDICT_NAMES.map((name) => ({
    name,
    data: rows.map((row) => row[name] ?? null),
    ...VERDICT_COLUMNS[name],
  }));
  const note = {
    name: "note",
    data: rows.map((row) => row.note ?? null),
    ...NOTE_COLUMN,
  };
  return [
    ...scores,
    ...hasVerdicts ? verdicts : [],
    ...hasNotes ? [note] : [],
  ];
}

function pairsOf(notes: Readonly<Record<string, string>>): KeyValue[] {
  return Object.entries(notes).map(([key, value]) => ({ key, value }));
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
  const columnData = columnsOf(rows.toSorted(compareKeys), {
    hasVerdicts: hasVerdicts(rows),
    hasNotes: rows.some((row) => typeof row.note === "string"),
  });
  const kvMetadata = pairsOf(notes);
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata }));
}

/**
 * A Parquet file of more rows than memory is to hold. It always has the column
 * of notes, as it is not known before the end whether there are some.
 */
export class ScoresWriter {
  readonly #bytes = new ByteWriter();
  readonly #columns: OptionalColumns;
  readonly #file: ParquetWriter;

  /**
   * Starts a file.
   *
   * @param options Whether rows have verdicts.
   */
  constructor({ hasVerdicts }: Pick<OptionalColumns, "hasVerdicts">) {
    this.#columns = { hasVerdicts, hasNotes: true };
    const schema = schemaFromColumnData({
      columnData: columnsOf([], this.#columns),
    });
    this.#file = new ParquetWriter({ writer: this.#bytes, schema });
  }

  /** The bytes since the last call. */
  #take(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#bytes.getBuffer());
    this.#bytes.index = 0;
    return bytes;
  }

  /**
   * Writes the next rows, ordered by key after those before them.
   *
   * @returns The next bytes of the file.
   */
  write(rows: readonly ScoreRow[]): Uint8Array<ArrayBuffer> {
    const sources = columnsOf(rows, this.#columns);
    const columnData = sources.map(({ name, data }) => ({ name, data }));
    this.#file.write({ columnData, rowGroupSize: rows.length });
    return this.#take();
  }

  /**
   * Ends the file.
   *
   * @param notes Its key-value metadata.
   * @returns The last bytes of the file.
   */
  finish(notes: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
    this.#file.kvMetadata = pairsOf(notes);
    this.#file.finish();
    return this.#take();
  }
}

/** Those of a file's columns that rows have. */
function knownColumns(present: readonly string[]): string[] {
  return [...NAMES, ...VERDICT_NAMES, "note"]
    .filter((name) => present.includes(name));
}

/**
 * Decodes what {@linkcode writeScores} encoded. Columns beside those of
 * {@linkcode ScoreRow} are ignored.
 *
 * @param bytes The file's bytes.
 * @returns The rows, in the order of the file.
 * @throws {TypeError} If the bytes are not Parquet, lack a column, or state more
 * values than they hold.
 */
export async function readScores(bytes: Uint8Array): Promise<ScoreRow[]> {
  const file = bytes.slice().buffer;
  const metadata = metadataOf(file);
  const present = metadata.schema.map(({ name }) => name);
  const missing = NAMES.filter((name) => !present.includes(name));
  if (missing.length > 0) {
    throw new TypeError(
      `Cannot read scores as the file must have the columns ${
        NAMES.join(", ")
      }: current value lacks ${missing.join(", ")}`,
    );
  }
  const columns = knownColumns(present);
  checkParquet(file, metadata, columns);
  return await parquetReadObjects({ file, metadata, columns }) as ScoreRow[];
}

/** Rows that are read from a file at a time. */
const ROWS_AT_ONCE = 1 << 16;

/** Bytes of a file that are read where they lie. */
export interface ScoresFile {
  /** How many there are. */
  readonly byteLength: number;
  /** Reads some of them. */
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/**
 * Reads the rows of a file, some thousand at a time. It is for files that this
 * program has just written: their pages are not checked first.
 *
 * @param file The file.
 * @yields The rows, in the order of the file.
 */
export async function* streamScores(
  file: ScoresFile,
): AsyncGenerator<ScoreRow> {
  const metadata = await parquetMetadataAsync(file);
  const columns = knownColumns(metadata.schema.map(({ name }) => name));
  const total = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < total; rowStart += ROWS_AT_ONCE) {
    const rowEnd = Math.min(rowStart + ROWS_AT_ONCE, total);
    const range = { rowStart, rowEnd };
    yield* await parquetReadObjects({
      file,
      metadata,
      columns,
      ...range,
    }) as ScoreRow[];
  }
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
