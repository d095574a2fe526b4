import assert from "node:assert/strict";
import { readTree, refusalOf } from "../read_tree.ts";
import { mask, png, type Tree } from "../trees.ts";

const image = await png(9);

/** A good image, a defective one, and its mask, in folders of these names. */
async function kinds(
  [test, truth, good, bad]: readonly [string, string, string, string],
): Promise<Tree> {
  return {
    [`nut/${test}/${good}/0.png`]: image,
    [`nut/${test}/${bad}/0.png`]: image,
    [`nut/${truth}/${bad}/0_mask.png`]: await mask(5),
  };
}

/** Label and mask by folder: `0`, `1 5`. */
async function labelsOf(tree: Tree): Promise<string[]> {
  const { rows } = await readTree(tree);
  return rows.map(([key, category, label, , lit]) =>
    `${key} ${category} ${label} ${lit}`
  );
}

Deno.test("openDataSet() knows words for good and defective in any case", async () => {
  const words = [
    ["good", "bad"],
    ["Good", "Broken"],
    ["OK", "NG"],
    ["ok", "ko"],
    ["normal", "abnormal"],
    ["Normal", "Anomaly"],
    ["PASS", "FAIL"],
    ["pass", "reject"],
    ["goods", "bads"],
    ["defect_free", "defect"],
    ["Defect-Free", "Defective"],
    ["no_defect", "defects"],
    ["NonDefective", "defective"],
    ["anomaly free", "anomalous"],
    ["ok_front", "def_front"],
    ["good_2", "not_good"],
    ["Ok", "not_ok"],
    ["io", "nio"],
  ] as const;
  for (const [good, bad] of words) {
    const tree = await kinds(["test", "ground_truth", good, bad]);
    const labels = (await labelsOf(tree)).sort();
    assert.deepEqual(
      labels,
      [`nut/test/${bad}/0.png nut 1 5`, `nut/test/${good}/0.png nut 0 null`]
        .sort(),
    );
  }
});

Deno.test("openDataSet() knows parts and folders of masks in any case", async () => {
  const names = [
    ["test", "ground_truth"],
    ["Test", "Ground_Truth"],
    ["TEST", "GroundTruth"],
    ["testing", "ground truth"],
    ["test", "gt"],
    ["test", "masks"],
    ["Test", "Mask"],
    ["test_public", "test_public/ground_truth"],
    ["val", "annotations"],
  ] as const;
  for (const [test, truth] of names) {
    const labels = await labelsOf(await kinds([test, truth, "good", "hole"]));
    assert.deepEqual(labels, [
      `nut/${test}/good/0.png nut 0 null`,
      `nut/${test}/hole/0.png nut 1 5`,
    ]);
  }
});

Deno.test("openDataSet() reads good and bad below a category or at the top", async () => {
  const tree = {
    "nut/good/1.png": image,
    "nut/bad/1.png": image,
    "bolt/ok/1.png": image,
    "bolt/scratch/1.png": image,
  };
  assert.deepEqual(await labelsOf(tree), [
    "bolt/ok/1.png bolt 0 null",
    "bolt/scratch/1.png bolt 1 null",
    "nut/bad/1.png nut 1 null",
    "nut/good/1.png nut 0 null",
  ]);
  assert.deepEqual(
    await labelsOf({ "good/1.png": image, "bad/cam2/1.png": image }),
    ["bad/cam2/1.png set 1 null", "good/1.png set 0 null"],
  );
});

Deno.test("openDataSet() reads parts above categories", async () => {
  const tree = {
    "train/nut/good/0.png": image,
    "test/nut/good/1.png": image,
    "test/nut/bent/1.png": image,
    "test/bolt/ok/1.png": image,
    "ground_truth/nut/bent/1_mask.png": await mask(5),
  };
  assert.deepEqual(await labelsOf(tree), [
    "test/bolt/ok/1.png bolt 0 null",
    "test/nut/bent/1.png nut 1 5",
    "test/nut/good/1.png nut 0 null",
  ]);
  const flat = { "train/ok_front/1.png": image, "test/def_front/2.png": image };
  assert.deepEqual(await labelsOf(flat), ["test/def_front/2.png set 1 null"]);
});

Deno.test("openDataSet() takes unknown kinds beside good ones for defects", async () => {
  const { rows } = await readTree({
    "nut/test/good/0.png": image,
    "nut/test/oddity/0.png": image,
    "nut/test/bad/scratch/0.png": image,
  });
  assert.deepEqual(rows.map(([, , label, defect]) => [label, defect]), [
    [1, "scratch"],
    [0, null],
    [1, "oddity"],
  ]);
});

Deno.test("openDataSet() asks where words do not tell which is good", async () => {
  const trees: Tree[] = [
    { "positive/1.png": image, "negative/1.png": image },
    { "nut/test/0/1.png": image, "nut/test/1/1.png": image },
    { "0/1.png": image, "1/1.png": image },
    { "nut/good/1.png": image, "nut/normal/1.png": image },
    { "nut/test/defect/1.png": image, "nut/test/other/1.png": image },
    {
      "nut/test/x/1.png": image,
      "nut/test/y/1.png": image,
      "nut/ground_truth/y/1.png": await mask(1),
    },
  ];
  for (const tree of trees) {
    assert.match(
      await refusalOf(tree),
      /which folders of .* hold good products \(name them with --good-folder, or read all as unlabelled with --layout plain\): current value is /,
    );
    const { rows } = await readTree(tree, { layout: "plain" });
    assert.ok(rows.every(([, , label]) => label === null));
  }
});

Deno.test("openDataSet() takes the folders that it is given for good", async () => {
  const tree = { "0/1.png": image, "1/1.png": image };
  const { rows } = await readTree(tree, { goodFolders: ["0"] });
  assert.deepEqual(rows.map(([key, , label]) => [key, label]), [
    ["0/1.png", 0],
    ["1/1.png", 1],
  ]);
  const both = { "good/1.png": image, "Master/1.png": image };
  const turned = await readTree(both, { goodFolders: ["master"] });
  assert.deepEqual(turned.rows.map(([, , label]) => label), [0, 1]);
  assert.match(
    await refusalOf(tree, { goodFolders: ["2"] }),
    /that --good-folder names must be there, .*: current value is 2$/,
  );
});

Deno.test("openDataSet() does not take products for kinds", async () => {
  const { rows, layout } = await readTree({
    "ok_button/1.png": image,
    "cable/1.png": image,
    "mask/1.png": image,
  });
  assert.equal(layout, "plain folders");
  assert.deepEqual(rows.map(([, category, label]) => [category, label]), [
    ["cable", null],
    ["mask", null],
    ["ok_button", null],
  ]);
  const beside = await readTree({
    "nut/test/good/1.png": image,
    "reject/1.png": image,
  });
  assert.equal(beside.rows.length, 1);
  assert.match(beside.notes.join(), /1 image outside of the layout.*: reject/);
});

Deno.test("openDataSet() keeps lines of one product apart", async () => {
  const tree: Tree = {};
  for (const line of ["lineA", "lineB"]) {
    const part = await kinds(["test", "ground_truth", "good", "hole"]);
    for (const [path, data] of Object.entries(part)) {
      tree[`${line}/${path}`] = data;
    }
  }
  assert.deepEqual(await labelsOf(tree), [
    "lineA/nut/test/good/0.png lineA/nut 0 null",
    "lineA/nut/test/hole/0.png lineA/nut 1 5",
    "lineB/nut/test/good/0.png lineB/nut 0 null",
    "lineB/nut/test/hole/0.png lineB/nut 1 5",
  ]);
  const { notes } = await readTree(tree);
  assert.match(notes.join(), /^2 data sets in one folder, lineA, lineB/);
  const list = { test: { cup: [] } };
  assert.match(
    await refusalOf({
      ...tree,
      "other/meta.json": new TextEncoder().encode(JSON.stringify(list)),
    }),
    /must be one data set \(give one of its folders, such as other\)/,
  );
});

Deno.test("openDataSet() names the product of a test folder", async () => {
  const tree = await kinds(["test", "ground_truth", "good", "hole"]);
  const { rows, notes } = await readTree(tree, {}, "/nut/test");
  assert.match(notes.join(), /test is a part of a data set of nut/);
  assert.deepEqual(
    rows.map(([key, category, label]) => [key, category, label]),
    [
      ["good/0.png", "nut", 0],
      ["hole/0.png", "nut", 1],
    ],
  );
});

Deno.test("openDataSet() reads sub-folders of kinds, and what lies beside them", async () => {
  const { rows, notes } = await readTree({
    ...await kinds(["test", "ground_truth", "good", "hole"]),
    "nut/test/good/cam1/7.png": image,
    "nut/test/9.png": image,
    "incoming/1.png": image,
    "stray.png": image,
  });
  assert.deepEqual(rows.map(([key, , label]) => [key, label]), [
    ["nut/test/9.png", null],
    ["nut/test/good/0.png", 0],
    ["nut/test/good/cam1/7.png", 0],
    ["nut/test/hole/0.png", 1],
  ]);
  assert.match(notes.join(), /1 image without a label: nut\/test\/9\.png/);
  assert.match(notes.join(), /2 images outside .*: incoming 1, stray\.png/);
});
