import assert from "node:assert/strict";
import { openDataSet } from "../../lib/data/open.ts";
import { MOST_FOLDERS, parentsOf } from "../../lib/data/source.ts";
import { packTar, png, withFile } from "./trees.ts";

Deno.test("parentsOf() lists no more folders of a path than say something", () => {
  const deep = `${"d/".repeat(2000)}1.png`;
  assert.equal(parentsOf([deep]).size, MOST_FOLDERS);
  assert.deepEqual([...parentsOf(["a/b/1.png"])].sort(), ["a", "a/b"]);
});

Deno.test("openDataSet() lists an image two thousand folders deep", async () => {
  const name = `${"d/".repeat(2000)}1.png`;
  const tar = await packTar([{ name, data: await png(1) }]);
  await withFile("deep.tar", tar, async (path) => {
    const { size, categories } = await openDataSet(path);
    assert.deepEqual([size, categories.length], [1, 1]);
  });
});
