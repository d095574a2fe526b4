import assert from "node:assert/strict";
import {
  quantiseMatrix,
  rowSteps,
  smoothingFactors,
} from "../../lib/onnx/quantise_matrix.ts";

const MATRIX = {
  data: Float32Array.of(1, -2, 0.5, 127, 0, -63.5),
  rows: 2,
  columns: 3,
};

Deno.test("quantiseMatrix() scales each row to 127 and stores columns", () => {
  const steps = rowSteps(MATRIX);
  assert.deepEqual([...steps], [Math.fround(2 / 127), 1]);
  assert.deepEqual([...quantiseMatrix(MATRIX, steps)], [
    64,
    127,
    -127,
    0,
    32,
    -63,
  ]);
});

Deno.test("quantiseMatrix() divides columns by factors first", () => {
  const factors = Float32Array.of(1, 2, 0.5);
  const steps = rowSteps(MATRIX, factors);
  assert.deepEqual([...steps], [Math.fround(1 / 127), 1]);
  const [first, , , , third] = quantiseMatrix(MATRIX, steps, { factors });
  assert.deepEqual([first, third], [127, 127]);
});

Deno.test("quantiseMatrix() keeps rows of zeros", () => {
  const zeros = { data: new Float32Array(2), rows: 1, columns: 2 };
  assert.deepEqual([...quantiseMatrix(zeros, rowSteps(zeros))], [0, 0]);
});

Deno.test("smoothingFactors() lowers channels that are much larger", () => {
  const ones = new Float32Array(16 * 64).fill(1);
  const matrices = [{ data: ones, rows: 16, columns: 64 }];
  const largest = new Float32Array(64).fill(1).fill(64, 0, 1);
  const meanSquares = largest.map((size) => size * size / 9);
  const factors = smoothingFactors({ largest, meanSquares }, matrices);
  assert.equal(factors?.[0], 1 / 8);
  assert.equal(factors?.[1], 1);
});

Deno.test("smoothingFactors() leaves even channels alone", () => {
  const ones = new Float32Array(16 * 64).fill(1);
  const matrices = [{ data: ones, rows: 16, columns: 64 }];
  const largest = new Float32Array(64).fill(1);
  const meanSquares = largest.map((size) => size / 9);
  assert.equal(smoothingFactors({ largest, meanSquares }, matrices), undefined);
});
