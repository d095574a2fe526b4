import assert from "node:assert/strict";
import {
  assertReference,
  evaluateTree,
  greyOf,
  greyPng,
  metricsOf,
  mvtec,
  NUTS,
} from "./_nuts.ts";
import { below, type Tree } from "../../data/trees.ts";

Deno.test("eval finds the metrics of the case reference", async () => {
  assertReference(await evaluateTree(mvtec()));
});

Deno.test("eval reads the case good-upper as the reference", async () => {
  assertReference(await evaluateTree(mvtec({ good: "Good" })));
});

Deno.test("eval reads the case normal-abnormal as the reference", async () => {
  const names = { good: "normal", bad: "abnormal" };
  assertReference(await evaluateTree(mvtec(names)));
});

Deno.test("eval reads the case test-upper as the reference", async () => {
  const names = { test: "Test", truth: "Ground_Truth" };
  assertReference(await evaluateTree(mvtec(names)));
});

Deno.test("eval reads the case nested-lines as two labelled categories", async () => {
  const { summary, said, code } = await evaluateTree({
    ...below("lineA", mvtec()),
    ...below("lineB", mvtec()),
  });
  assert.equal(code, 0);
  assert.deepEqual(Object.keys(summary.categories), ["lineA/nut", "lineB/nut"]);
  for (const category of Object.values(summary.categories)) {
    const { good, defective, unlabelled, masks, p_auroc } = category;
    assert.deepEqual([good, defective, unlabelled, masks], [3, 3, 0, 3]);
    assert.equal(p_auroc?.toFixed(3), "0.836");
  }
  assert.match(said, /^Note: 2 data sets in one folder, lineA, lineB/m);
});

Deno.test("eval scores or names all images of the case subfolders", async () => {
  const { summary, said, code } = await evaluateTree({
    ...mvtec(),
    "nut/test/good/cam1/100.png": NUTS.good[0]!,
    "nut/test/900.png": NUTS.good[1]!,
  });
  assert.equal(code, 0);
  const { images, good, defective, unlabelled } = summary.categories.nut!;
  assert.deepEqual([images, good, defective, unlabelled], [8, 4, 3, 1]);
  assert.match(said, /^Note: 1 image without a label: nut\/test\/900\.png$/m);
});

Deno.test("eval reads the case anomalib-folder as the reference", async () => {
  const tree: Tree = Object.fromEntries([0, 1, 2].flatMap((i) => [
    [`normal/${i}.png`, NUTS.good[i]!],
    [`abnormal/${i}.png`, NUTS.bad[i]!],
    [`mask/${i}.png`, NUTS.masks[i]!],
  ]));
  assertReference(await evaluateTree(tree, { flags: ["--object", "nut"] }));
});

Deno.test("eval takes labels of the case good-bad-folders from their names", async () => {
  const tree: Tree = Object.fromEntries([0, 1, 2].flatMap((i) => [
    [`nut/good/${i}.png`, NUTS.good[i]!],
    [`nut/bad/${i}.png`, NUTS.bad[i]!],
  ]));
  const found = await evaluateTree(tree);
  assert.deepEqual(Object.keys(found.summary.categories), ["nut"]);
  assert.equal(metricsOf(found).i_auroc, 1000);
});

Deno.test("eval pairs the images of the case masks-beside as the reference", async () => {
  const first = await greyOf(NUTS.masks[0]!);
  const black = await greyPng({ ...first, data: first.data.map(() => 0) });
  const images = [...NUTS.good, ...NUTS.bad];
  const tree: Tree = Object.fromEntries(images.flatMap((image, i) => [
    [`test/${20000 + i}.png`, image],
    [`test/${20000 + i}_GT.png`, i < 3 ? black : NUTS.masks[i - 3]!],
  ]));
  assertReference(await evaluateTree(tree, { flags: ["--object", "nut"] }));
});
