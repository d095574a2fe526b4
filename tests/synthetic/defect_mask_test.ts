import assert from "node:assert/strict";
import { changes, maskOf } from "../../lib/synthetic/defect_mask.ts";

const SIDE = 56;

/** A plane with `value` in the given rows and columns. */
function plane(
  value: number,
  { from, to }: { from: number; to: number },
): Float32Array {
  const result = new Float32Array(SIDE * SIDE);
  for (let row = from; row < to; row++) {
    result.fill(value, row * SIDE + from, row * SIDE + to);
  }
  return result;
}

function area(mask: Uint8Array): number {
  return mask.reduce((sum, value) => sum + value, 0);
}

Deno.test("changes() takes the component that changed most", () => {
  const change = changes(
    Float32Array.of(1, 2, 3, 9, 9, 9),
    Float32Array.of(1, 7, 2, 9, 9, 9),
  );
  assert.deepEqual([...change], [5, 0]);
});

Deno.test("maskOf() takes the core whether or not it changed", () => {
  const core = plane(1, { from: 20, to: 30 });
  assert.equal(area(maskOf(new Float32Array(SIDE * SIDE), core)), 100);
});

Deno.test("maskOf() takes what changed beside the core, not far from it", () => {
  const core = plane(0.3, { from: 20, to: 30 });
  const change = plane(50, { from: 18, to: 50 });
  assert.equal(area(maskOf(change, core)), 14 * 14);
});

Deno.test("maskOf() leaves out changes that nobody notices", () => {
  const core = plane(0.3, { from: 20, to: 30 });
  assert.equal(area(maskOf(plane(9, { from: 20, to: 30 }), core)), 0);
});

Deno.test("maskOf() closes holes and drops specks", () => {
  const core = plane(1, { from: 20, to: 30 });
  core[25 * SIDE + 25] = 0.2;
  core[40 * SIDE + 40] = 1;
  const mask = maskOf(new Float32Array(SIDE * SIDE), core);
  assert.equal(mask[25 * SIDE + 25], 1);
  assert.equal(mask[40 * SIDE + 40], 0);
});
