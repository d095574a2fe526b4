import assert from "node:assert/strict";
import { readLocation, readTree } from "../read_tree.ts";
import { mask, png, type Tree, withFolder } from "../trees.ts";

const image = await png(9);

async function files(list: string, name = "l.csv"): Promise<Tree> {
  return {
    "a/1.png": image,
    "a/2.png": image,
    "m/2.png": await mask(4),
    "m/2b.png": await mask(6),
    [name]: new TextEncoder().encode(list),
  };
}

/** Category, label and mask of each image that a list names. */
async function readList(
  list: string,
  split: "train" | "test" = "test",
): Promise<{ rows: unknown[]; notes: readonly string[] }> {
  let found: { rows: unknown[]; notes: readonly string[] } | undefined;
  await withFolder(await files(list), async (folder) => {
    const { rows, notes } = await readLocation(`${folder}/l.csv`, { split });
    found = {
      rows: rows.map(([key, category, label, , lit]) =>
        [key, category, label, lit].join(" ")
      ),
      notes,
    };
  });
  return found!;
}

const GOOD_AND_BAD = ["a/1.png object 0 ", "a/2.png object 1 "];

Deno.test("openDataSet() reads the line of a list that names its separator", async () => {
  const { rows } = await readList("sep=;\nimage;label\na/1.png;0\na/2.png;1\n");
  assert.deepEqual(rows, GOOD_AND_BAD);
});

Deno.test("openDataSet() reads columns of what is good", async () => {
  for (const name of ["is_good", "OK", "normal"]) {
    const text = `image,${name}\na/1.png,1\na/2.png,False\n`;
    assert.deepEqual((await readList(text)).rows, GOOD_AND_BAD, name);
    const words = `image,${name}\na/1.png,OK\na/2.png,NG\n`;
    assert.deepEqual((await readList(words)).rows, GOOD_AND_BAD, name);
  }
});

Deno.test("openDataSet() takes a class beside a label for the product", async () => {
  const { rows } = await readList("image,class,label\na/1.png,nut,0\n");
  assert.deepEqual(rows, ["a/1.png nut 0 "]);
});

Deno.test("openDataSet() knows parts of lists by any word for them", async () => {
  const list = "image,label,split\na/1.png,0,Training\na/2.png,1,Testing\n";
  assert.deepEqual((await readList(list)).rows, ["a/2.png object 1 "]);
  assert.deepEqual((await readList(list, "train")).rows, ["a/1.png object 0 "]);
  const strange = await readList(list.replace("Training", "holdout"));
  assert.deepEqual(strange.rows, ["a/2.png object 1 "]);
  assert.match(strange.notes.join("\n"), /1 image of parts.*holdout.*not read/);
  const unknown = await readList("image,label,split\na/1.png,0,x\n");
  assert.deepEqual(unknown.rows, ["a/1.png object 0 "]);
  assert.match(unknown.notes.join("\n"), /names no part for test \(x\)/);
});

Deno.test("openDataSet() reads what programs write for nothing", async () => {
  const { rows } = await readList(
    "image,label,mask\na/1.png,nan,None\na/2.png,1,nan\n",
  );
  assert.deepEqual(rows, ["a/1.png object  ", "a/2.png object 1 "]);
  const list = "image,label\na/1.png,ok\na/2.png,none\n";
  await assert.rejects(readList(list), /label of entry 2 must be 0 or 1/);
});

Deno.test("openDataSet() joins the masks of an image that a list names", async () => {
  const expected = ["a/1.png object 0 ", "a/2.png object 1 6"];
  const inOne = await readList(
    "image,label,mask\na/1.png,0,\na/2.png,1,m/2.png;m/2b.png\n",
  );
  assert.deepEqual(inOne.rows, expected);
  const inTwo = await readList(
    "image,label,mask\na/1.png,0,\na/2.png,1,m/2.png\na/2.png,1,m/2b.png\n",
  );
  assert.deepEqual(inTwo.rows, expected);
  const other = "image,label\na/1.png,0\na/1.png,1\n";
  await assert.rejects(readList(other), /each image must be listed once/);
});

Deno.test("openDataSet() finds images of a list by their names alone", async () => {
  const list = "image,label,mask\n1,0,\n2.png,1,2_mask.png\n";
  const { rows, layout } = await readTree({
    "images/1.png": image,
    "images/2.png": image,
    "masks/2_mask.png": await mask(5),
    "labels.csv": new TextEncoder().encode(list),
  });
  assert.equal(layout, "a list");
  assert.deepEqual(
    rows.map(([key, , label, , lit]) => [key, label, lit]),
    [["images/1.png", 0, null], ["images/2.png", 1, "5"]],
  );
});

Deno.test("openDataSet() tells where a list and folders differ in labels", async () => {
  const { rows, notes } = await readTree({
    "good/1.png": image,
    "bad/2.png": image,
    "l.csv": new TextEncoder().encode(
      "image,label\ngood/1.png,1\nbad/2.png,1\n",
    ),
  });
  assert.deepEqual(rows.map(([, , label]) => label), [1, 1]);
  assert.match(notes.join("\n"), /1 image with another label in l\.csv .*good/);
});

Deno.test("openDataSet() tells of tables that gave no labels", async () => {
  const { notes } = await readTree({
    "x/1.png": image,
    "labels.xlsx": new Uint8Array([1]),
  });
  assert.match(notes.join("\n"), /No labels were taken from labels\.xlsx/);
});

Deno.test("openDataSet() passes over the emptied lines that Excel leaves in a list", async () => {
  const { rows } = await readList(
    "image;label;\r\na/1.png;0;\r\n;;\r\na/2.png;1;\r\n;;\r\n",
  );
  assert.deepEqual(rows, GOOD_AND_BAD);
});
