import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { parquetMetadata } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { parquetWriteBuffer } from "hyparquet-writer";
import {
  readNotes,
  readScores,
  writeScores,
} from "../../lib/results/scores_parquet.ts";
import type { ScoreRow } from "../../lib/results/summary.ts";
import { rowOf } from "../report/sample_report.ts";

const FAILED: ScoreRow = {
  key: "bottle/test/broken/001.png",
  category: "bottle",
  label: null,
  score: null,
  score_logit: null,
  width: null,
  height: null,
  milliseconds: null,
  error: "Cannot decode the image as the file is empty",
};

Deno.test("writeScores() orders rows by key and loses nothing", async () => {
  const rows = [
    rowOf("é/x.png", -1 / 3),
    rowOf("a b/x.png", 1e-300, { score: 1 - 2 ** -53, width: 60000 }),
    rowOf("Z/x.png", 7.125, { label: null }),
    FAILED,
  ];
  deepEqual(await readScores(writeScores(rows)), [
    rows[2],
    rows[1],
    rows[3],
    rows[0],
  ]);
});

Deno.test("writeScores() gives each column its type", () => {
  const bytes = writeScores([FAILED]);
  const { schema, num_rows } = parquetMetadata(bytes.slice().buffer);
  equal(num_rows, 1n);
  deepEqual(
    schema.slice(1).map(({ name, type, converted_type, repetition_type }) =>
      [name, converted_type ?? type, repetition_type].join(" ")
    ),
    [
      "key UTF8 REQUIRED",
      "category UTF8 REQUIRED",
      "label INT32 OPTIONAL",
      "score DOUBLE OPTIONAL",
      "score_logit DOUBLE OPTIONAL",
      "width INT32 OPTIONAL",
      "height INT32 OPTIONAL",
      "milliseconds DOUBLE OPTIONAL",
      "error UTF8 OPTIONAL",
    ],
  );
});

Deno.test("writeScores() gives the same bytes whatever order rows come in", () => {
  const rows = Array.from({ length: 50 }, (_, i) => rowOf(`a/${i}.png`, i));
  deepEqual(writeScores(rows), writeScores(rows.toReversed()));
});

Deno.test("writeScores() writes a file without rows", async () => {
  deepEqual(await readScores(writeScores([])), []);
});

Deno.test("readScores() reads many rows", async () => {
  const rows = Array.from(
    { length: 2500 },
    (_, i) => rowOf(`a/${`${i}`.padStart(4, "0")}.png`, i / 7),
  );
  const read = await readScores(writeScores(rows));
  equal(read.length, 2500);
  deepEqual(read[2499], rows[2499]);
});

Deno.test("readScores() reads bytes that lie within a larger buffer", async () => {
  const bytes = writeScores([FAILED]);
  const larger = new Uint8Array(bytes.length + 20);
  larger.set(bytes, 7);
  deepEqual(await readScores(larger.subarray(7, 7 + bytes.length)), [FAILED]);
});

Deno.test("readScores() names the columns that are missing", async () => {
  const file = parquetWriteBuffer({
    columnData: [{ name: "key", data: ["a"], type: "STRING" }],
  });
  await rejects(readScores(new Uint8Array(file)), (error: unknown) => {
    ok(error instanceof TypeError);
    ok(
      error.message.endsWith(
        "current value lacks category, label, score, score_logit, width, height, milliseconds, error",
      ),
    );
    return true;
  });
});

Deno.test("readScores() rejects what is not Parquet, and a truncated file", async () => {
  const bytes = writeScores([FAILED]);
  for (const bad of [new Uint8Array(0), bytes.subarray(0, bytes.length - 9)]) {
    await rejects(readScores(bad), {
      name: "TypeError",
      message: /^Cannot read scores as the bytes must be a Parquet file: /,
    });
  }
});

/** The first page of a column lies after its header, whose end is its levels. */
function levelsOf(bytes: Uint8Array<ArrayBuffer>, column: number): number {
  const { row_groups } = parquetMetadata(bytes.buffer);
  const { data_page_offset } = row_groups[0]!.columns[column]!.meta_data!;
  const { buffer } = bytes;
  const offset = Number(data_page_offset);
  const reader = { view: new DataView(buffer, offset), offset: 0 };
  parquetHeader(reader);
  return offset + reader.offset;
}

Deno.test("readScores() refuses a run of more values than its page has", async () => {
  const bytes = writeScores(
    Array.from({ length: 100 }, (_, i) => ({ ...FAILED, key: `${i}.png` })),
  );
  // All labels are null: one run of 100, whose length is doubled in a varint.
  const at = levelsOf(bytes, 2);
  deepEqual([...bytes.subarray(at, at + 3)], [200, 1, 0]);
  bytes.set([0xfe, 0x7f], at);
  await rejects(readScores(bytes), {
    name: "TypeError",
    message:
      "Cannot read the Parquet file as a run must hold at most 100 values: current value is 8191",
  });
});

Deno.test("readScores() refuses a small file that states many rows", async () => {
  const bytes = writeScores(new Array(100_000).fill(FAILED));
  ok(bytes.length < 100_000);
  await rejects(readScores(bytes), {
    name: "TypeError",
    message:
      "Cannot read the Parquet file as a file must have fewer rows than bytes: current value is 100000",
  });
});

Deno.test("readNotes() gives what writeScores() noted beside the rows", async () => {
  const notes = { run: "a1", long: "é".repeat(100_000) };
  const bytes = writeScores([], notes);
  deepEqual(readNotes(bytes), notes);
  deepEqual(await readScores(bytes), []);
  deepEqual(readNotes(writeScores([])), {});
});
