import assert from "node:assert/strict";
import { roleOf } from "../../../lib/data/layouts/words.ts";
import { readTree, refusalOf } from "../read_tree.ts";
import { png, type Tree } from "../trees.ts";

const image = await png(9);

/** Category and label of each image in these files. */
async function labelsOf(...paths: string[]): Promise<string[]> {
  const tree: Tree = Object.fromEntries(paths.map((path) => [path, image]));
  const { rows } = await readTree(tree);
  return rows.map(([key, category, label]) => `${key} ${category} ${label}`);
}

Deno.test("roleOf() knows good and defective in several languages", () => {
  const pairs = [
    ["i.O.", "n.i.O."],
    ["Gutteile", "Ausschuss"],
    ["bonnes", "défauts"],
    ["conforme", "non_conforme"],
    ["buenas", "malas"],
    ["correctos", "defectuosos"],
    ["buoni", "difettosi"],
    ["conforme", "não_conforme"],
    ["годные", "брак"],
    ["良品", "不良"],
    ["合格", "不合格"],
    ["정상", "불량"],
    ["O.K.", "N.G."],
  ] as const;
  for (const [good, bad] of pairs) {
    assert.deepEqual([roleOf(good), roleOf(bad)], ["good", "defective"], good);
    const [a, b] = [good.normalize("NFD"), bad.normalize("NFD")];
    assert.deepEqual([roleOf(a), roleOf(b)], ["good", "defective"], good);
  }
});

Deno.test("roleOf() knows the folders of COCO", () => {
  assert.deepEqual(
    ["train2017", "val2017", "test2014", "bolt2017"].map(roleOf),
    ["train", "validation", "test", "other"],
  );
});

Deno.test("openDataSet() takes no product for a word for good products", async () => {
  assert.deepEqual(
    await labelsOf("ok_button/good/1.png", "ok_button/bad/2.png"),
    [
      "ok_button/bad/2.png ok_button 1",
      "ok_button/good/1.png ok_button 0",
    ],
  );
  assert.deepEqual(await labelsOf("ok_button/1.png"), [
    "ok_button/1.png ok_button null",
  ]);
  assert.deepEqual(
    await labelsOf("ok_button/test/good/1.png", "ok_button/test/ng/2.png"),
    [
      "ok_button/test/good/1.png ok_button 0",
      "ok_button/test/ng/2.png ok_button 1",
    ],
  );
});

Deno.test("openDataSet() takes words with others for labels where they are opposites", async () => {
  assert.deepEqual(await labelsOf("x/OK-Teile/1.png", "x/NG-Teile/2.png"), [
    "x/NG-Teile/2.png x 1",
    "x/OK-Teile/1.png x 0",
  ]);
  const tree = { "positive_parts/1.png": image, "negative_parts/1.png": image };
  assert.match(await refusalOf(tree), /--good-folder/);
});

Deno.test("openDataSet() calls no product train or good in plain folders", async () => {
  assert.deepEqual(await labelsOf("train/1.png", "test/nut/2.png"), [
    "test/nut/2.png nut null",
    "train/1.png object null",
  ]);
  const tree = { "nut/good/1.png": image, "good/2.png": image };
  const { rows } = await readTree(tree, { layout: "plain" });
  assert.deepEqual(rows.map(([, category]) => category), ["object", "nut"]);
});

Deno.test("openDataSet() gives no label to images that nobody sorted", async () => {
  assert.deepEqual(
    await labelsOf("nut/good/1.png", "nut/bad/2.png", "nut/Unlabeled/3.png"),
    [
      "nut/Unlabeled/3.png nut null",
      "nut/bad/2.png nut 1",
      "nut/good/1.png nut 0",
    ],
  );
});
