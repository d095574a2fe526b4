/**
 * Looks through the pages of a Parquet file before it is decoded, so that a
 * damaged file cannot keep the decoder busy: hyparquet believes the counts of
 * runs, of values and of rows, and one flipped bit makes 2^30 of three values.
 *
 * @module
 */
import type { ColumnMetaData, DataReader, FileMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { readVarInt } from "hyparquet/src/thrift.js";

type Header = ReturnType<typeof parquetHeader>;

/** Snappy writes 64 bytes for three, so 22 times what it reads at most. */
const MOST_GROWTH = 22;

/** Encodings without counts of their own, or with those of runs. */
const PLAIN = "PLAIN";
const BOOLEAN_RUNS = "RLE";
const DICTIONARIES = ["PLAIN_DICTIONARY", "RLE_DICTIONARY"];

function refuse(must: string, value: unknown): never {
  throw new TypeError(
    `Cannot read the Parquet file as ${must}: current value is ${value}`,
  );
}

/** Whether a count or an offset is one. */
function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

/** Runs of equal or packed values must not give more values than there are. */
function checkRuns(reader: DataReader, width: number, count: number): void {
  let seen = 0;
  // Too few values are an error of the decoder's own.
  while (seen < count && reader.offset < reader.view.byteLength) {
    const header = readVarInt(reader) >>> 0;
    const isPacked = (header & 1) === 1;
    const times = header >>> 1;
    const values = isPacked ? times * 8 : times;
    // The last eight packed values may be filled up.
    const most = isPacked ? count - seen + 7 : count - seen;
    if (values > most) {
      refuse(`a run must hold at most ${most} values`, values);
    }
    reader.offset += isPacked ? times * width : Math.ceil(width / 8);
    if (reader.offset > reader.view.byteLength) {
      refuse("a run must end in its page", `${values} values`);
    }
    seen += values;
  }
}

/** A page's bytes that stand for `null` or a value, and those after them. */
interface Parts {
  readonly levels: Uint8Array;
  readonly values: () => Uint8Array;
}

/** What is known of a column's values. */
interface Column {
  readonly meta: ColumnMetaData;
  readonly isNullable: boolean;
}

/** Pages of the second version leave levels as they are. */
function partsOfSecond(
  bytes: Uint8Array,
  header: Header,
  meta: ColumnMetaData,
): Parts {
  const {
    repetition_levels_byte_length: repeated,
    definition_levels_byte_length: defined,
    is_compressed,
  } = header.data_page_header_v2!;
  const first = repeated + defined;
  if (!isWithin(defined, bytes.length) || !isWithin(first, bytes.length)) {
    refuse("levels must lie in their page", `${repeated} and ${defined} bytes`);
  }
  const rest = bytes.subarray(first);
  const size = header.uncompressed_page_size - first;
  return {
    levels: bytes.subarray(repeated, first),
    values: () =>
      is_compressed === false
        ? rest
        : decompressPage(rest, size, meta.codec, undefined),
  };
}

/** Pages of the first version are compressed as a whole. */
function partsOfFirst(
  bytes: Uint8Array,
  header: Header,
  { meta, isNullable }: Column,
): Parts {
  const size = header.uncompressed_page_size;
  const page = decompressPage(bytes, size, meta.codec, undefined);
  if (!isNullable) return { levels: page.subarray(0, 0), values: () => page };
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const end = 4 + view.getUint32(0, true);
  if (end > page.length) {
    refuse("levels must lie in their page", `${end} bytes`);
  }
  return { levels: page.subarray(4, end), values: () => page.subarray(end) };
}

function readerOf(bytes: Uint8Array, offset = 0): DataReader {
  const { buffer, byteOffset, byteLength } = bytes;
  return { view: new DataView(buffer, byteOffset, byteLength), offset };
}

function checkValues(
  values: () => Uint8Array,
  { encoding, count, type }: { encoding: string; count: number; type: string },
): void {
  if (encoding === PLAIN) return;
  if (encoding === BOOLEAN_RUNS && type === "BOOLEAN") {
    return checkRuns(readerOf(values(), 4), 1, count);
  }
  if (!DICTIONARIES.includes(encoding)) {
    refuse("values must be plain, by dictionary or boolean runs", encoding);
  }
  const bytes = values();
  if (count === 0 || bytes.length === 0) return;
  const width = bytes[0] ?? NaN;
  if (!isWithin(width, 32)) refuse("values must have at most 32 bits", width);
  if (width > 0) checkRuns(readerOf(bytes, 1), width, count);
}

/**
 * Checks a page with values.
 *
 * @returns How many rows it has.
 */
function checkPage(
  bytes: Uint8Array,
  header: Header,
  column: Column,
  most: number,
): number {
  const { data_page_header: first, data_page_header_v2: second } = header;
  const page = header.type === "DATA_PAGE" ? first : second;
  if (page === undefined) refuse("a page must have a header", header.type);
  const { num_values: rows, encoding } = page;
  const nulls = page === second ? second.num_nulls : 0;
  if (!isWithin(rows, most) || !isWithin(nulls, rows)) {
    refuse(`a page must have at most ${most} values`, `${rows}, ${nulls} null`);
  }
  const { levels, values } = page === second
    ? partsOfSecond(bytes, header, column.meta)
    : partsOfFirst(bytes, header, column);
  if (column.isNullable) checkRuns(readerOf(levels), 1, rows);
  const count = rows - nulls;
  checkValues(values, { encoding, count, type: column.meta.type });
  return rows;
}

/** Takes the next page's bytes, whose sizes must be true. */
function takePage(reader: DataReader, header: Header): Uint8Array {
  const { view, offset } = reader;
  const { compressed_page_size: size, uncompressed_page_size: whole } = header;
  const left = view.byteLength - offset;
  if (!isWithin(size, left)) {
    refuse(`a page must have at most ${left} bytes`, size);
  }
  const most = MOST_GROWTH * size;
  if (!isWithin(whole, most)) {
    refuse(`a page must unpack to at most ${most} bytes`, whole);
  }
  reader.offset += size;
  return new Uint8Array(view.buffer, view.byteOffset + offset, size);
}

function checkColumn(bytes: Uint8Array, column: Column, rows: number): void {
  const reader = readerOf(bytes);
  let seen = 0;
  // hyparquet stops where one byte is left, too.
  while (seen < rows && reader.offset < bytes.length - 1) {
    const header = parquetHeader(reader);
    const page = takePage(reader, header);
    if (header.type === "DICTIONARY_PAGE") continue;
    seen += checkPage(page, header, column, rows - seen);
  }
}

/** A column must be a list of values, with none inside another. */
function columnOf(meta: ColumnMetaData, { schema }: FileMetaData): Column {
  const [name = "", ...inner] = meta.path_in_schema;
  const element = schema.slice(1).find((one) => one.name === name);
  const kind = element?.repetition_type ?? "absent";
  if (inner.length > 0 || !["OPTIONAL", "REQUIRED"].includes(kind)) {
    refuse(`the column ${name} must hold one value a row`, kind);
  }
  return { meta, isNullable: kind === "OPTIONAL" };
}

/**
 * Refuses a file that would keep the decoder busy or take memory out of
 * proportion to its size.
 *
 * @param file The file's bytes.
 * @param metadata Its metadata.
 * @param columns The columns that are decoded; all where there are none.
 * @throws {TypeError} If it states more rows than bytes, or a page of a column
 * that is decoded gives more values than it states.
 */
export function checkParquet(
  file: ArrayBuffer,
  metadata: FileMetaData,
  columns?: readonly string[],
): void {
  let allRows = 0;
  let allBytes = 0;
  for (const { num_rows, columns: chunks } of metadata.row_groups) {
    const rows = Number(num_rows);
    allRows += rows;
    // Each row has a key of its own, which takes more than a byte.
    if (!isWithin(rows, file.byteLength) || allRows > file.byteLength) {
      refuse("a file must have fewer rows than bytes", allRows);
    }
    for (const { meta_data: meta } of chunks) {
      if (meta === undefined) refuse("a column must have metadata", "none");
      const name = meta.path_in_schema[0] ?? "";
      if (columns !== undefined && !columns.includes(name)) continue;
      const start = Number(
        meta.dictionary_page_offset || meta.data_page_offset,
      );
      const size = Number(meta.total_compressed_size);
      allBytes += size;
      const left = file.byteLength - start;
      if (
        !isWithin(start, file.byteLength) || !isWithin(size, left) ||
        allBytes > file.byteLength
      ) refuse("columns must lie in the file", `${start} and ${size} bytes`);
      const bytes = new Uint8Array(file, start, size);
      checkColumn(bytes, columnOf(meta, metadata), rows);
    }
  }
}
