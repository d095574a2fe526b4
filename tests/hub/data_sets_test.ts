import assert from "node:assert/strict";
import { DATA_SETS } from "../../lib/hub/data_sets.ts";

Deno.test("DATA_SETS are complete and agree with themselves", () => {
  const names = DATA_SETS.map(({ name }) => name);
  assert.deepEqual(names, [
    "mvtec",
    "visa",
    "mpdd",
    "btad",
    "sdd",
    "dagm",
    "dtd-synthetic",
  ]);
  for (const entry of DATA_SETS) {
    const { name, page, archive, otherwise, categories, licence } = entry;
    assert.match(page, /^https:\/\//);
    assert.notEqual(licence, "");
    assert.ok((archive === undefined) === (otherwise !== undefined), name);
    assert.deepEqual(categories, categories.toSorted());
    if (archive === undefined) continue;
    assert.match(archive.url, /^https:\/\//);
    assert.match(archive.expected.sha256!, /^[0-9a-f]{64}$/);
  }
});

Deno.test("DATA_SETS count the images of MVTec AD and VisA", () => {
  for (const [name, categories] of [["mvtec", 15], ["visa", 12]] as const) {
    const { counts, total } = DATA_SETS.find((entry) => entry.name === name)!;
    const all = Object.values(counts!);
    assert.equal(all.length, categories);
    const sum = (key: "train" | "good" | "bad") =>
      all.reduce((sum, count) => sum + count[key], 0);
    assert.deepEqual(
      { train: sum("train"), good: sum("good"), bad: sum("bad") },
      total,
    );
  }
});
