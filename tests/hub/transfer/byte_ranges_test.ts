import assert from "node:assert/strict";
import type { ByteRange } from "../../../lib/files/stored_bytes.ts";
import {
  addRange,
  countBytes,
  frontier,
  missingRanges,
} from "../../../lib/hub/transfer/byte_ranges.ts";

function ranges(...pairs: [number, number][]): ByteRange[] {
  return pairs.map(([start, end]) => ({ start, end }));
}

function add(all: ByteRange[], start: number, end: number): ByteRange[] {
  return addRange(all, { start, end });
}

Deno.test("addRange() joins what touches or overlaps", () => {
  const some = ranges([10, 20], [30, 40]);
  assert.deepEqual(add([], 0, 5), ranges([0, 5]));
  assert.deepEqual(add(some, 0, 5), ranges([0, 5], [10, 20], [30, 40]));
  assert.deepEqual(add(some, 20, 30), ranges([10, 40]));
  assert.deepEqual(add(some, 15, 25), ranges([10, 25], [30, 40]));
  assert.deepEqual(add(some, 5, 50), ranges([5, 50]));
  assert.deepEqual(add(some, 12, 14), some);
  assert.deepEqual(add(some, 25, 25), some);
});

Deno.test("missingRanges() lists gaps in pieces", () => {
  assert.deepEqual(
    missingRanges([], 25, 10),
    ranges([0, 10], [10, 20], [20, 25]),
  );
  assert.deepEqual(
    missingRanges(ranges([5, 8], [12, 40]), 45, 4),
    ranges([0, 4], [4, 5], [8, 12], [40, 44], [44, 45]),
  );
  assert.deepEqual(missingRanges(ranges([0, 25]), 25, 10), []);
  assert.deepEqual(missingRanges([], 0, 10), []);
});

Deno.test("countBytes() and frontier() measure what is there", () => {
  const some = ranges([0, 20], [30, 40]);
  assert.equal(countBytes(some), 30);
  assert.equal(frontier(some), 20);
  assert.equal(frontier(ranges([1, 20])), 0);
  assert.equal(frontier([]), 0);
});
