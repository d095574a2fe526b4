import assert from "node:assert/strict";
import { readTree } from "../read_tree.ts";
import { jpeg, mask, png, type Tree } from "../trees.ts";

const image = await png(9);

/** Images by their paths, masks by path and marked pixels. */
async function read(images: string[], masks: Record<string, number>) {
  const tree: Tree = Object.fromEntries(images.map((path) => [path, image]));
  for (const [path, lit] of Object.entries(masks)) tree[path] = await mask(lit);
  const { rows, notes } = await readTree(tree);
  return { masks: rows.map(([key, , , , lit]) => [key, lit]), notes };
}

Deno.test("openDataSet() pairs masks by the names of folders where stems are shared", async () => {
  const images = [
    "nut/test/good/1.png",
    "nut/test/crack/1.png",
    "nut/test/dent/1.png",
  ];
  const byKind = await read(images, {
    "nut/ground_truth/crack_1.png": 1,
    "nut/ground_truth/dent-1.png": 2,
  });
  assert.deepEqual(byKind.masks, [
    ["nut/test/crack/1.png", "1"],
    ["nut/test/dent/1.png", "2"],
    ["nut/test/good/1.png", null],
  ]);
  const byCamera = await read([
    "nut/test/good/1.png",
    "nut/test/crack/cam1/1.png",
    "nut/test/crack/cam2/1.png",
  ], {
    "nut/ground_truth/crack/cam1_1_mask.png": 1,
    "nut/ground_truth/crack/cam2_1_mask.png": 2,
  });
  assert.deepEqual(byCamera.masks.map(([, lit]) => lit), ["1", "2", null]);
});

Deno.test("openDataSet() tells of a mask that fits several images", async () => {
  const { masks, notes } = await read([
    "nut/test/good/1.png",
    "nut/test/crack/1.png",
    "nut/test/dent/1.png",
  ], { "nut/ground_truth/1_mask.png": 1 });
  assert.deepEqual(masks.map(([, lit]) => lit), [null, null, null]);
  assert.match(notes.join("\n"), /1 mask of no image, not read: .*1_mask\.png/);
});

Deno.test("openDataSet() tells of masks of good images", async () => {
  const { notes } = await read([
    "nut/test/good/1.png",
    "nut/test/bad/2.png",
  ], { "nut/ground_truth/1.png": 3, "nut/ground_truth/2.png": 4 });
  assert.match(notes.join("\n"), /1 mask of good images, not read: .*1\.png/);
  const expected = await read([
    "nut/test/good/1.png",
    "nut/test/bad/2.png",
  ], { "nut/ground_truth/good/1.png": 3, "nut/ground_truth/bad/2.png": 4 });
  assert.deepEqual(expected.notes, []);
});

Deno.test("openDataSet() pairs names whose separators differ", async () => {
  const { masks } = await read([
    "nut/test/good/0.png",
    "nut/test/bad/part-1.png",
    "nut/test/bad/part-10.png",
  ], {
    "nut/ground_truth/bad/part_1_mask.png": 1,
    "nut/ground_truth/bad/part_10_mask.png": 10,
  });
  assert.deepEqual(masks.map(([, lit]) => lit), ["1", "10", null]);
});

Deno.test("openDataSet() takes no photograph for a mask where masks have a folder", async () => {
  const images = ["nut/test/good/1.png", "nut/test/bad/2.png"];
  const { rows } = await readTree({
    ...Object.fromEntries(images.map((path) => [path, image])),
    "nut/test/bad/2.jpg": await jpeg(9),
    "nut/ground_truth/bad/2_mask.png": await mask(4),
  });
  assert.deepEqual(rows.map(([key, , label]) => [key, label]), [
    ["nut/test/bad/2.jpg", 1],
    ["nut/test/bad/2.png", 1],
    ["nut/test/good/1.png", 0],
  ]);
});
