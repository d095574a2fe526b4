import assert from "node:assert/strict";
import { roundRow, samplesOf } from "../../lib/onnx/round_row.ts";
import { scattered } from "../contract/numbers.ts";

const CHANNELS = 64;
const ROW = Float32Array.from(scattered(CHANNELS, 3));
const STEP = 2 ** -6;

/** Vectors that have a common part, as those of a model. */
const VECTORS = Array.from(
  { length: 4 },
  (_, t) => Float32Array.from(scattered(CHANNELS, 5 + t), (v) => 1 + v / 8),
);

/** How far the product of a row with a vector moves by rounding. */
function moved(integers: Int8Array, vector: Float32Array): number {
  let error = 0;
  ROW.forEach((value, j) =>
    error += (value - integers[j]! * STEP) * vector[j]!
  );
  return Math.abs(error);
}

Deno.test("roundRow() keeps products with the samples", () => {
  const plain = Int8Array.from(ROW, (value) => Math.round(value / STEP));
  const integers = roundRow(ROW, STEP, samplesOf(VECTORS));
  const before = VECTORS.reduce((sum, x) => sum + moved(plain, x), 0);
  const after = VECTORS.reduce((sum, x) => sum + moved(integers, x), 0);
  assert(after < before / 3, `${after} of ${before}`);
});

Deno.test("roundRow() rounds each number on its own where nothing is read", () => {
  const plain = Int8Array.from(ROW, (value) => Math.round(value / STEP));
  const nothing = [new Float32Array(CHANNELS)];
  assert.deepEqual(roundRow(ROW, STEP, samplesOf(nothing)), plain);
});

Deno.test("roundRow() stays within 127", () => {
  const ones = [new Float32Array(3).fill(1)];
  const row = Float32Array.of(0.6, -0.4, 127.4);
  const integers = roundRow(row, 1, samplesOf(ones));
  assert(integers.every((value) => Math.abs(value) <= 127));
});

Deno.test("samplesOf() multiplies channels by their factors", () => {
  const vectors = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
  const { data, count } = samplesOf(vectors, Float32Array.of(1, 0.5));
  assert.deepEqual([...data], [1, 3, 1, 2]);
  assert.equal(count, 2);
});
