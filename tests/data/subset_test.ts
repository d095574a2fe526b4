import assert from "node:assert/strict";
import { type SubsetOptions, takeSubset } from "../../lib/data/subset.ts";

/** Images `a0 ... a4` good and `a5 ... a9` defective, and so for b. */
const ITEMS = ["a", "b"].flatMap((category) =>
  Array.from({ length: 10 }, (_, i) => ({
    key: `${category}${i}`,
    category,
    label: i < 5 ? 0 as const : 1 as const,
  }))
);

function keys(options: SubsetOptions): string[] {
  return takeSubset(ITEMS, options).map(({ key }) => key);
}

Deno.test("takeSubset() takes so many of each category, good and defective in turn", () => {
  assert.deepEqual(keys({ limit: 3 }), ["a0", "a1", "a5", "b0", "b1", "b5"]);
  assert.deepEqual(keys({ limit: 1 }), ["a0", "b0"]);
  assert.equal(keys({ limit: 100 }).length, 20);
});

Deno.test("takeSubset() takes the first ones in all", () => {
  assert.deepEqual(keys({ limitTotal: 3 }), ["a0", "a1", "a2"]);
  assert.deepEqual(keys({ limit: 2, limitTotal: 3 }), ["a0", "a5", "b0"]);
});

Deno.test("takeSubset() draws by seed", () => {
  const drawn = keys({ sample: 4, seed: 1 });
  assert.deepEqual(keys({ sample: 4, seed: 1 }), drawn);
  assert.notDeepEqual(keys({ sample: 4, seed: 2 }), drawn);
  assert.equal(drawn.length, 8);
  const good = drawn.filter((key) => Number(key.slice(1)) < 5);
  assert.equal(good.length, 4);
  assert.deepEqual(drawn, drawn.toSorted());
});
