import assert from "node:assert/strict";
import {
  countsNaN,
  DESCENDING_PATTERNS,
  isCounted,
  Tally,
  WideTally,
} from "../../lib/metrics/float16_tally.ts";

Deno.test("DESCENDING_PATTERNS holds each float16 number once, in order", () => {
  const values = new Float16Array(DESCENDING_PATTERNS.slice().buffer);
  assert.equal(values.length, 65536 - 2 * 1023 - 1);
  assert.equal(values[0], Infinity);
  assert.equal(values.at(-1), -Infinity);
  assert.ok(values.every((value, k) => k === 0 || value < values[k - 1]!));
});

Deno.test("isCounted() is true of just those patterns", () => {
  const counted = Array.from({ length: 65540 }, (_, i) => i).filter(isCounted);
  assert.deepEqual(counted, [...DESCENDING_PATTERNS].sort((a, b) => a - b));
});

Deno.test("countsNaN() finds every NaN and nothing else", () => {
  const counts = new Uint32Array(65536);
  for (const bits of DESCENDING_PATTERNS) counts[bits] = 1;
  counts[0x8000] = 1;
  assert.equal(countsNaN(counts), false);
  for (const bits of [0x7c01, 0x7e00, 0x7fff, 0xfc01, 0xffff]) {
    const counts = new Uint32Array(65536);
    counts[bits] = 1;
    assert.equal(countsNaN(counts), true);
  }
});

Deno.test("Tally counts past 2^32", () => {
  const tally = new Tally();
  for (let i = 0; i < 3; i++) tally.reserve(2 ** 32 - 1)[7]! += 2 ** 32 - 1;
  assert.equal(tally.totals()[7], 3 * (2 ** 32 - 1));
});

Deno.test("Tally counts -0 as 0", () => {
  const tally = new Tally();
  const counts = tally.reserve(5);
  counts[0] = 2;
  counts[0x8000] = 3;
  const totals = tally.totals();
  assert.deepEqual([totals[0], totals[0x8000]], [5, 0]);
});

Deno.test("WideTally sums exactly past 2^53", () => {
  const tally = new WideTally();
  let sum = 0n;
  for (let i = 0; i < 1000; i++) {
    const amount = 2 ** 52 - 1 - i;
    tally.reserve(amount)[9]! += amount;
    sum += BigInt(amount);
  }
  const { high, low } = tally.totals();
  assert.equal((BigInt(high[9]!) << 32n) + BigInt(low[9]!), sum);
  assert.ok(low[9]! < 2 ** 32);
});

Deno.test("WideTally.add() carries from the low word", () => {
  const tally = new WideTally();
  tally.reserve(2 ** 32 - 1)[9] = 2 ** 32 - 1;
  tally.add(tally.totals());
  const { high, low } = tally.totals();
  assert.deepEqual([high[9], low[9]], [1, 2 ** 32 - 2]);
});
