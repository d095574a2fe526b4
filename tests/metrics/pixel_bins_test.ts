import assert from "node:assert/strict";
import { RecordWriter } from "../../lib/metrics/byte_record.ts";
import { decodeBins, encodeBins } from "../../lib/metrics/pixel_bins.ts";
import { goldenCounts, PIXEL_GOLDENS } from "./goldens.ts";

function record(integers: number[]): Uint8Array {
  const kind = { name: "pixel counts", magic: "MFPP", version: 1 };
  const writer = new RecordWriter(kind);
  for (const value of integers) writer.integer(value);
  return writer.finish();
}

Deno.test("decodeBins() reads what encodeBins() wrote", () => {
  for (const golden of PIXEL_GOLDENS) {
    const bytes = goldenCounts(golden).toBytes();
    assert.deepEqual(encodeBins(decodeBins(bytes)), bytes);
  }
});

Deno.test("decodeBins() reads one bin as it is laid out", () => {
  const bins = decodeBins(record([2, 5, 10, 0, 100, 7, 3, 1, 9]));
  assert.deepEqual(
    [bins.pixels[5], bins.pixels[106], bins.defective[106]],
    [10, 7, 3],
  );
  assert.deepEqual([bins.weights.high[106], bins.weights.low[106]], [1, 9]);
});

const BROKEN: [string, number[], RegExp][] = [
  ["NaN", [1, 0x7e00, 1, 0], /float16 numbers: current value is pattern 32256/],
  ["-0", [1, 0x8000, 1, 0], /float16 numbers: current value is pattern 32768/],
  ["no float16", [1, 65536, 1, 0], /current value is pattern 65536/],
  ["no pixels", [1, 0, 0, 0], /current value is 0 defective of 0/],
  ["too many defective", [1, 0, 2, 3, 1, 1], /is 3 defective of 2/],
  ["no weight", [1, 0, 2, 1, 0, 0], /current value is words 0 and 0/],
  ["a low word too large", [1, 0, 2, 1, 0, 2 ** 32], /words 0 and 4294967296/],
  ["more bins than bytes", [2, 0, 1, 0], /cut off after 9 bytes/],
  ["fewer bins than bytes", [0, 0, 1, 0], /3 more bytes/],
];

for (const [what, integers, message] of BROKEN) {
  Deno.test(`decodeBins() refuses ${what}`, () => {
    assert.throws(() => decodeBins(record(integers)), message);
  });
}
