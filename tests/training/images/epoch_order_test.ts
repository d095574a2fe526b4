import assert from "node:assert/strict";
import { epochOrder } from "../../../lib/training/images/epoch_order.ts";

Deno.test("epochOrder() is a permutation of its own for each epoch", () => {
  const identity = Array.from({ length: 100 }, (_, i) => i);
  const orders = [0, 1, 2].map((epoch) => epochOrder(100, { seed: 4, epoch }));
  for (const order of orders) {
    assert.deepEqual(order.toSorted((a, b) => a - b), identity);
    assert.notDeepEqual(order, identity);
  }
  assert.notDeepEqual(orders[0], orders[1]);
  assert.deepEqual(orders[1], epochOrder(100, { seed: 4, epoch: 1 }));
  assert.notDeepEqual(orders[1], epochOrder(100, { seed: 5, epoch: 1 }));
  assert.deepEqual(epochOrder(100, { seed: null, epoch: 1 }), identity);
});

Deno.test("epochOrder() prefers no order", () => {
  const counts = new Map<string, number>();
  for (let epoch = 0; epoch < 6000; epoch++) {
    const order = epochOrder(3, { seed: 1, epoch }).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const [order, count] of counts) {
    assert(Math.abs(count - 1000) < 120, `${order}: ${count}`);
  }
});
