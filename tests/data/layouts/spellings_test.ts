import assert from "node:assert/strict";
import { openDataSet } from "../../../lib/data/open.ts";
import { roleOf } from "../../../lib/data/layouts/words.ts";
import { readLocation, readTree } from "../read_tree.ts";
import { mask, png, type Tree, withFolder } from "../trees.ts";

const image = await png(9);

/** `é` as one character, as Linux and Windows write it, and as two, as macOS. */
const one = (text: string) => text.normalize("NFC");
const two = (text: string) => text.normalize("NFD");

/** Category, label and mask of each image. */
async function rowsOf(tree: Tree): Promise<string[]> {
  const { rows } = await readTree(tree);
  return rows.map(([, category, label, , lit]) =>
    [category, label, lit].join(" ")
  );
}

Deno.test("openDataSet() pairs masks whose names write umlauts otherwise", async () => {
  const rows = await rowsOf({
    [one("Öse/good/1.png")]: image,
    [two("Öse/bad/Stück.png")]: image,
    [one("Öse/ground_truth/bad/Stück_mask.png")]: await mask(4),
    [one("Öse/défaut/2.png")]: image,
    [two("Öse/ground_truth/défaut/2_mask.png")]: await mask(6),
  });
  assert.deepEqual(rows.sort(), [
    one("Öse 0 "),
    one("Öse 1 4"),
    one("Öse 1 6"),
  ]);
});

Deno.test("openDataSet() takes one category for one, however umlauts are written", async () => {
  const tree = {
    [one("Öse/good/1.png")]: image,
    [two("Öse/bad/2.png")]: image,
    "Nut/good/1.png": image,
    "Nut/bad/2.png": image,
  };
  await withFolder(tree, async (folder) => {
    const { categories, size } = await openDataSet(folder, {
      categories: [two("Öse")],
    });
    assert.deepEqual([categories, size], [[one("Öse")], 2]);
  });
});

Deno.test("openDataSet() finds the images of lists that write umlauts otherwise", async () => {
  const csv = one("image,label,mask\nStück.png,1,Öse.png\n");
  const list = { "l.csv": new TextEncoder().encode(csv) };
  const tree = {
    ...list,
    [two("Stück.png")]: image,
    [two("Öse.png")]: await mask(4),
  };
  await withFolder(tree, async (folder) => {
    for (const location of [folder, `${folder}/l.csv`]) {
      const { rows } = await readLocation(location);
      assert.deepEqual(rows.map(([, , label, , lit]) => [label, lit]), [
        [1, "4"],
      ]);
    }
  });
});

Deno.test("roleOf() knows negations in several languages", () => {
  const good =
    "kein Defekt,keine_Fehler,ohne Fehler,sans défaut,aucun défaut," +
    "pas de défaut,senza difetti,nessun difetto,ningún defecto,sem defeito," +
    "zero_defects,w/o defect";
  for (const name of good.split(",")) assert.equal(roleOf(name), "good", name);
  const bad = "pas bon,nicht gut,non conforme,keine Gutteile";
  for (const name of bad.split(",")) {
    assert.equal(roleOf(name), "defective", name);
  }
});

Deno.test("openDataSet() knows masks by their word in several languages", async () => {
  const apart = await rowsOf({
    "gut/1.png": image,
    "schlecht/2.png": image,
    "Masken/2.png": await mask(4),
  });
  assert.deepEqual(apart, ["set 0 ", "set 1 4"]);
  const beside = await rowsOf({
    "nut/gut/1.png": image,
    "nut/schlecht/2.png": image,
    "nut/schlecht/2_maske.png": await mask(6),
  });
  assert.deepEqual(beside, ["nut 0 ", "nut 1 6"]);
});
