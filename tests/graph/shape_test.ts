import assert from "node:assert/strict";
import {
  broadcastShapes,
  elementCount,
  formatDimension,
  formatShape,
  sameShape,
} from "../../lib/graph/shape.ts";

Deno.test("formatShape() calls the batch B", () => {
  assert.equal(formatShape([-1, -2, 3, 0]), "[B, 2B, 3, 0]");
  assert.equal(formatShape([]), "[]");
  assert.deepEqual([-1, -3, 7].map(formatDimension), ["B", "3B", "7"]);
});

Deno.test("sameShape() compares rank and sizes", () => {
  assert(sameShape([], []));
  assert(sameShape([-1, 2], [-1, 2]));
  assert(!sameShape([-1, 2], [-2, 2]));
  assert(!sameShape([2], [2, 1]));
});

Deno.test("elementCount() counts in batches when a dimension is free", () => {
  assert.equal(elementCount([]), 1);
  assert.equal(elementCount([2, 3, 4]), 24);
  assert.equal(elementCount([2, -1, 3]), -6);
  assert.equal(elementCount([-2, 5]), -10);
});

Deno.test("elementCount() refuses two free dimensions", () => {
  assert.throws(() => elementCount([-1, 3, -2]), {
    name: "RangeError",
    message: "Cannot count the elements of [B, 3, 2B] as only one dimension " +
      "may be free",
  });
});

Deno.test("broadcastShapes() aligns last axes and grows from 1", () => {
  assert.deepEqual(broadcastShapes([2, 1, 3], [4, 1]), [2, 4, 3]);
  assert.deepEqual(broadcastShapes([], [2, 3]), [2, 3]);
  assert.deepEqual(broadcastShapes([-1, 1], [1, 5]), [-1, 5]);
  assert.deepEqual(broadcastShapes([1], [-2]), [-2]);
});

Deno.test("broadcastShapes() refuses sizes that differ, free ones too", () => {
  for (const [a, b] of [[[2], [3]], [[-1], [2]], [[-1, 3], [-2, 3]]] as const) {
    assert.throws(() => broadcastShapes(a, b), {
      name: "TypeError",
      message: `Cannot broadcast ${formatShape(a)} with ${formatShape(b)} as ` +
        "their dimensions must be equal or 1",
    });
  }
});
