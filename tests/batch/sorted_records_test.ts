import assert from "node:assert/strict";
import { Marks } from "../../lib/batch/listing/marks.ts";
import { packedFiles } from "../../lib/batch/listing/packed_files.ts";
import { SortedRecords } from "../../lib/batch/listing/sorted_records.ts";
import { Random } from "../../lib/random.ts";

const NUMBER = {
  write: (value: number, to: { number(value: number): void }) =>
    to.number(value),
  read: (from: { number(): number }) => from.number(),
};

function recordsOf(keys: readonly string[]): SortedRecords<number> {
  const records = new SortedRecords(NUMBER);
  for (const [i, key] of keys.entries()) records.add(key, i);
  return records;
}

/** The same by sorting. */
function sorted(keys: readonly string[]): [string, number][] {
  return keys.map((key, i): [string, number] => [key, i])
    .sort(([a, i], [b, k]) => a < b ? -1 : a > b ? 1 : i - k);
}

Deno.test("SortedRecords gives records in the order of code units", () => {
  const keys = ["b", "a", "", "a/b", "😀", "\ue000", "é", "\ud800", "a", "ﬀ1"];
  assert.deepEqual([...recordsOf(keys)], sorted(keys));
  assert.deepEqual([...recordsOf([])], []);
  assert.deepEqual([...recordsOf(["x"])], [["x", 0]]);
});

Deno.test("SortedRecords merges blocks, equal keys as they were added", () => {
  const random = new Random("records");
  const drawn = Array.from(
    { length: 100_000 },
    () => `line-${random.integer(0, 3)}/${random.integer(0, 50_000)}.png`,
  );
  const records = recordsOf(drawn);
  assert.deepEqual([...records], sorted(drawn));
  assert.equal(records.size, drawn.length);
  const ascending = drawn.toSorted();
  assert.deepEqual([...recordsOf(ascending)], sorted(ascending));
  // What was read before may be added to.
  records.add("a", 7);
  const [first, second] = records;
  assert.deepEqual([first, second], [["a", 7], sorted(drawn)[0]]);
});

Deno.test("SortedRecords keeps large numbers", () => {
  const values = [0, 127, 128, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER];
  const records = new SortedRecords(NUMBER);
  for (const value of values) records.add(`${value}`, value);
  const read = Array.from(records, ([, value]) => value);
  assert.deepEqual(read.sort((a, b) => a - b), values);
});

Deno.test("packedFiles() keeps sizes and ETags in few bytes", () => {
  const files = packedFiles();
  const etags = [
    "d41d8cd98f00b204e9800998ecf8427e",
    "D41D8CD98F00B204E9800998ECF8427E",
    "d41d8cd98f00b204e9800998ecf8427e-12",
    "1f-18c2a",
    "",
  ];
  for (const [i, etag] of etags.entries()) {
    files.add(`a/${i}.png`, { size: i * 1e9, etag });
  }
  assert.deepEqual(
    [...files],
    etags.map((etag, i) => [`a/${i}.png`, { size: i * 1e9, etag }]),
  );
  const many = packedFiles();
  for (let i = 0; i < 50_000; i++) {
    many.add(`a/cam-1/${i}.png`, { size: i, etag: etags[0]! });
  }
  for (const [key] of many) assert.match(key, /^a\/cam-1\/\d+\.png$/);
  assert.ok(many.bytes < 30 * many.size, `${many.bytes} bytes`);
});

Deno.test("Marks leaves out what is marked", () => {
  const marks = new Marks();
  const things = ["a", "b", "c"];
  assert.equal(marks.leave(things), things);
  for (const position of [1, 1, 100_000]) marks.add(position);
  assert.equal(marks.size, 2);
  assert.deepEqual([...marks.leave(things)], ["a", "c"]);
  assert.ok(marks.has(100_000) && !marks.has(99_999) && !marks.has(1e6));
});
