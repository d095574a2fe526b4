import assert from "node:assert/strict";
import { readTree, refusalOf } from "../read_tree.ts";
import { below, jpeg, mask, png, type Tree } from "../trees.ts";

const image = await png(9);
const text = (value: string) => new TextEncoder().encode(value);

async function nut(): Promise<Tree> {
  return {
    "nut/test/good/1.png": image,
    "nut/test/bad/2.png": image,
    "nut/ground_truth/bad/2_mask.png": await mask(4),
  };
}

const LABELLED = [["mvtec/nut", 1, "4"], ["mvtec/nut", 0, null]];

Deno.test("openDataSet() reads a data set beside other images, and tells of these", async () => {
  const others = [
    ["photos/1.png", /1 image outside of the layout, not read: photos 1/],
    ["overview.png", /1 image outside of the layout, not read: overview\.png/],
  ] as const;
  for (const [path, said] of others) {
    const tree = { ...below("mvtec", await nut()), [path]: image };
    const { rows, notes } = await readTree(tree);
    assert.deepEqual(
      rows.map(([, category, label, , lit]) => [category, label, lit]),
      LABELLED,
    );
    assert.match(notes.join("\n"), said);
  }
});

Deno.test("openDataSet() reads a data set beside folders without images", async () => {
  const tree = { ...below("mvtec", await nut()), "docs/a.txt": text("x") };
  const { rows } = await readTree(tree);
  assert.deepEqual(rows.map(([, category]) => category), ["nut", "nut"]);
});

Deno.test("openDataSet() finds the one public data set in a repository", async () => {
  const tree = {
    "README.md": text("x"),
    "doc/overview.jpg": await jpeg(1),
    "src/data/images/1.png": image,
    "src/data/images/2.png": image,
    "src/data/labels.csv": text(
      "images/1.png  1.0  mono\nimages/2.png  0.0  mono\n",
    ),
  };
  const { layout, rows, notes } = await readTree(tree);
  assert.equal(layout, "ELPV");
  assert.deepEqual(rows.map(([key, , label]) => [key, label]), [
    ["images/1.png", 1],
    ["images/2.png", 0],
  ]);
  assert.match(notes.join("\n"), /1 image outside of src\/data, not read/);
});

Deno.test("openDataSet() refuses several lists in several folders", async () => {
  const list = text("image,label\n1.png,0\n");
  const tree = {
    "a/1.png": image,
    "a/l.csv": list,
    "b/1.png": image,
    "b/l.csv": list,
  };
  assert.match(await refusalOf(tree), /must be one data set .* such as a\)/);
});

Deno.test("openDataSet() tells of a list further down that it does not read", async () => {
  const tree = {
    ...await nut(),
    "cookie/list.csv": text("image,label,mask\n1.png,1,\n2.png,0,\n"),
    "cookie/1.png": image,
    "cookie/2.png": image,
  };
  const { notes } = await readTree(tree);
  assert.match(notes.join("\n"), /^cookie has a list or a layout of its own/m);
});

Deno.test("openDataSet() tells of images beside a public data set", async () => {
  const tree = {
    "fig/1.png": image,
    "PCBData/group1/1/1_temp.jpg": await jpeg(1),
    "PCBData/group1/1/1_test.jpg": await jpeg(2),
    "PCBData/group1/1_not/1.txt": text("1 1 5 4 1"),
  };
  const { layout, notes } = await readTree(tree);
  assert.equal(layout, "DeepPCB");
  assert.match(notes.join("\n"), /1 image outside of the layout.*fig\/1\.png/);
});

Deno.test("openDataSet() says where a folder of masks is read as products", async () => {
  const within = await readTree(await nut(), {}, "/nut/ground_truth");
  assert.match(within.notes.join("\n"), /ground_truth is called after masks/);
  const plain = await readTree({ "masks/1.png": await mask(3) });
  assert.match(plain.notes.join("\n"), /1 image in folders .* after masks/);
});

Deno.test("openDataSet() says that the name of the folder itself is no label", async () => {
  const { notes } = await readTree(await nut(), {}, "/nut/test/good");
  assert.match(notes.join("\n"), /folder good gives no label/);
});

Deno.test("openDataSet() takes the test images of annotated parts", async () => {
  const box = text("0 0.5 0.5 0.5 0.5");
  const tree = {
    "train/images/1.jpg": await jpeg(1),
    "train/labels/1.txt": box,
    "valid/images/2.jpg": await jpeg(2),
    "valid/labels/2.txt": box,
    "test/images/3.jpg": await jpeg(3),
    "test/labels/3.txt": box,
  };
  const keys = async (split: "train" | "test", files: Tree = tree) =>
    (await readTree(files, { split })).rows.map(([key]) => key);
  assert.deepEqual(await keys("test"), ["test/images/3.jpg"]);
  assert.deepEqual(await keys("train"), ["train/images/1.jpg"]);
  const { "test/images/3.jpg": _, ...others } = tree;
  assert.deepEqual(await keys("test", others), ["valid/images/2.jpg"]);
});
