import assert from "node:assert/strict";
import type { DataSet, Sample } from "../../lib/data/sample.ts";
import { limitCategories } from "../../lib/reproduction/reproduction_images.ts";

function sample(key: string): Sample {
  const [category = "", kind] = key.split("/");
  return {
    key,
    category,
    defect: null,
    mask: null,
    label: kind === "good" ? 0 : 1,
    image: () => Promise.reject(new Error("not decoded")),
  };
}

function dataSet(keys: readonly string[]): DataSet {
  return {
    name: "set",
    categories: ["a", "b"],
    size: keys.length,
    async *samples() {
      for (const key of keys) yield sample(key);
    },
  };
}

async function keysOf(set: DataSet): Promise<string[]> {
  const samples = await Array.fromAsync(set.samples());
  assert.equal(samples.length, set.size);
  return samples.map(({ key }) => key);
}

Deno.test("limitCategories() takes good and defective images of each category", async () => {
  const keys = [
    ...["a/bad/0", "a/bad/1", "a/bad/2", "a/good/0", "a/good/1"],
    ...["b/bad/0", "b/good/0", "b/good/1", "b/good/2"],
  ];
  const set = dataSet(keys);
  const limited = await limitCategories(set, 3);
  assert.deepEqual(limited.categories, ["a", "b"]);
  assert.deepEqual(await keysOf(limited), [
    ...["a/bad/0", "a/good/0", "a/good/1"],
    ...["b/bad/0", "b/good/0", "b/good/1"],
  ]);
  assert.deepEqual(await keysOf(await limitCategories(set, 9)), keys);
});
