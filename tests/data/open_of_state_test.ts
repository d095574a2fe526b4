import assert from "node:assert/strict";
import { type GivenState, openOfState } from "../../lib/data/open_of_state.ts";
import type { DataSet } from "../../lib/data/sample.ts";
import { png, type Tree, withFolder } from "./trees.ts";

const image = await png(9);

interface Taken extends Partial<Pick<DataSet, "reading" | "categories">> {
  readonly keys: readonly string[];
  readonly notes?: readonly string[] | undefined;
}

/** Keys of the images taken, and what is said of them. */
async function taken(tree: Tree, state: GivenState): Promise<Taken> {
  let found: Taken = { keys: [] };
  await withFolder(tree, async (folder) => {
    const dataSet = await openOfState(folder, state, { object: "object" });
    const samples = await Array.fromAsync(dataSet.samples());
    assert.equal(dataSet.size, samples.length);
    const keys = samples.map(({ key }) => key).sort();
    found = { ...dataSet, keys, notes: dataSet.reading?.notes };
  });
  return found;
}

const LABELLED: Tree = {
  "nut/test/good/1.png": image,
  "nut/test/bad/2.png": image,
  "nut/test/bad/3.png": image,
  "nut/ground_truth/bad/2_mask.png": image,
  "nut/ground_truth/bad/3_mask.png": image,
};

Deno.test("openOfState() takes images of one state where folders tell", async () => {
  const good = await taken(LABELLED, "good");
  assert.deepEqual(good.keys, ["nut/test/good/1.png"]);
  assert.deepEqual(good.notes, [
    "2 defective images among those given as good, left out",
  ]);
  const bad = await taken(LABELLED, "defective");
  assert.deepEqual(bad.keys, ["nut/test/bad/2.png", "nut/test/bad/3.png"]);
  assert.deepEqual(bad.notes, [
    "1 good image among those given as defective, left out",
  ]);
});

Deno.test("openOfState() prefers good images of train", async () => {
  const tree = { ...LABELLED, "nut/train/good/0.png": image };
  const { keys, notes } = await taken(tree, "good");
  assert.deepEqual([keys, notes], [["nut/train/good/0.png"], []]);
});

Deno.test("openOfState() takes plain folders whole, without asking for labels", async () => {
  const tree = { "nut/1.png": image, "nut/2.png": image, "bolt/1.png": image };
  const { keys, categories, notes, reading } = await taken(tree, "good");
  assert.deepEqual(keys, ["bolt/1.png", "nut/1.png", "nut/2.png"]);
  assert.deepEqual([categories, notes], [["bolt", "nut"], []]);
  assert.deepEqual(reading?.categories.nut, {
    ...{ good: 2, defective: 0, unlabelled: 0, masks: 0 },
  });
  const kinds = { "broken/1.png": image, "scratch/2.png": image };
  assert.equal((await taken(kinds, "defective")).keys.length, 2);
});

Deno.test("openOfState() reads labels of lists", async () => {
  const csv = new TextEncoder().encode("image,label\n1.png,OK\n2.png,NG\n");
  const tree = { "1.png": image, "2.png": image, "list.csv": csv };
  assert.deepEqual((await taken(tree, "good")).keys, ["1.png"]);
  await withFolder(tree, async (folder) => {
    const list = `${folder}/list.csv`;
    const { size } = await openOfState(list, "defective", {});
    assert.equal(size, 1);
  });
});

Deno.test("openOfState() refuses images of other states, and folders that do not tell", async () => {
  const bad = { "nut/bad/1.png": image };
  await assert.rejects(
    taken(bad, "good"),
    /must hold good images: current value is defective ones$/,
  );
  const unclear = { "bon/1.png": image, "gut/1.png": image };
  await assert.rejects(
    taken(unclear, "good"),
    /must tell which images are good \(give a folder of good images alone\): current value is bon, gut$/,
  );
});
