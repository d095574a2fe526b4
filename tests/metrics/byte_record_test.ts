import assert from "node:assert/strict";
import {
  type RecordKind,
  RecordReader,
  RecordWriter,
} from "../../lib/metrics/byte_record.ts";

const KIND: RecordKind = { name: "test data", magic: "TEST", version: 3 };
const INTEGERS = [0, 1, 127, 128, 300, 2 ** 32, 2 ** 53 - 1];

function record(): Uint8Array {
  const writer = new RecordWriter(KIND);
  for (const value of INTEGERS) writer.integer(value);
  writer.floats(Float64Array.of(-1.5, Infinity));
  return writer.finish();
}

Deno.test("RecordReader reads what RecordWriter wrote", () => {
  const padded = new Uint8Array([9, ...record()]).subarray(1);
  const reader = new RecordReader(KIND, padded);
  assert.deepEqual(INTEGERS.map(() => reader.integer()), INTEGERS);
  assert.deepEqual(reader.floats(2), Float64Array.of(-1.5, Infinity));
  reader.finish();
});

Deno.test("RecordWriter grows to any length", () => {
  const values = Float64Array.from({ length: 5000 }, (_, i) => i / 3);
  const writer = new RecordWriter(KIND);
  writer.floats(values);
  const reader = new RecordReader(KIND, writer.finish());
  assert.deepEqual(reader.floats(5000), values);
});

Deno.test("RecordReader refuses another magic word", () => {
  assert.throws(
    () => new RecordReader(KIND, new TextEncoder().encode("PAR1 and more")),
    new RangeError(
      'Cannot read test data as the bytes must start with "TEST": ' +
        'current value is "PAR1"',
    ),
  );
});

Deno.test("RecordReader refuses no bytes", () => {
  assert.throws(
    () => new RecordReader(KIND, new Uint8Array()),
    /must start with "TEST": current value is no bytes at all$/,
  );
});

Deno.test("RecordReader refuses another version", () => {
  const bytes = new RecordWriter({ ...KIND, version: 4 }).finish();
  assert.throws(
    () => new RecordReader(KIND, bytes),
    /must have version 3: current value is 4$/,
  );
});

Deno.test("RecordReader refuses a record cut off anywhere", () => {
  const bytes = record();
  for (let length = 4; length < bytes.length; length++) {
    assert.throws(
      () => {
        const reader = new RecordReader(KIND, bytes.subarray(0, length));
        for (const _ of INTEGERS) reader.integer();
        reader.floats(2);
      },
      new RangeError(
        "Cannot read test data as the bytes must hold a whole record: " +
          `current value is one cut off after ${length} bytes`,
      ),
    );
  }
});

Deno.test("RecordReader.integer() refuses numbers of 2^53 and more", () => {
  const header = new RecordWriter(KIND).finish();
  for (
    const tail of [[128, 128, 128, 128, 128, 128, 128, 16], Array(20).fill(128)]
  ) {
    const reader = new RecordReader(KIND, new Uint8Array([...header, ...tail]));
    assert.throws(() => reader.integer(), /must hold integers below 2\^53/);
  }
});

Deno.test("RecordReader.finish() refuses bytes that are left", () => {
  const reader = new RecordReader(KIND, new Uint8Array([...record(), 0, 0]));
  for (const _ of INTEGERS) reader.integer();
  reader.floats(2);
  assert.throws(
    () => reader.finish(),
    /must end with the record: current value is 2 more bytes$/,
  );
});
