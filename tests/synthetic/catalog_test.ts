import assert from "node:assert/strict";
import { SYNTHETIC_CATEGORIES } from "../../lib/synthetic/catalog.ts";
import { DEFECT_KINDS } from "../../lib/synthetic/defects.ts";

function names(split: string, kind?: string): string[] {
  return SYNTHETIC_CATEGORIES
    .filter((category) => category.split === split)
    .filter((category) => kind === undefined || category.kind === kind)
    .map(({ name }) => name);
}

function kindsIn(split: string): Set<string> {
  const kinds = SYNTHETIC_CATEGORIES
    .filter((category) => category.split === split)
    .flatMap(({ defects }) => defects);
  return new Set(kinds);
}

Deno.test("SYNTHETIC_CATEGORIES keeps the halves that were fixed at the start", () => {
  assert.deepEqual(names("test").sort(), [
    "cable",
    "candle",
    "cap",
    "carpet",
    "connector",
    "knit",
    "leather",
    "mesh",
    "nut",
    "pill",
    "terrazzo",
    "toothbrush",
    "wood",
    "zipper",
  ]);
  assert(names("aux").length >= 14);
});

Deno.test("SYNTHETIC_CATEGORIES has unique names and words", () => {
  const all = SYNTHETIC_CATEGORIES;
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  assert.equal(new Set(all.map(({ words }) => words)).size, all.length);
  for (const { name } of all) assert.match(name, /^[a-z_]+$/);
});

Deno.test("SYNTHETIC_CATEGORIES has textures and objects in both halves", () => {
  for (const split of ["aux", "test"]) {
    assert(names(split, "texture").length >= 5);
    assert(names(split, "object").length >= 7);
  }
});

Deno.test("DEFECT_KINDS keeps burn and thread to the test half", () => {
  const testOnly = DEFECT_KINDS.filter(({ split }) => split === "test");
  assert.deepEqual(testOnly.map(({ name }) => name), ["burn", "thread"]);
  const aux = kindsIn("aux");
  const test = kindsIn("test");
  for (const { name, split } of DEFECT_KINDS) {
    assert.equal(aux.has(name), split === "both", name);
    if (split === "test") assert(test.has(name), name);
  }
  assert(DEFECT_KINDS.length >= 11);
});

Deno.test("SYNTHETIC_CATEGORIES gives each category several kinds, once each", () => {
  for (const { name, defects } of SYNTHETIC_CATEGORIES) {
    assert(defects.length >= 5, name);
    assert.equal(new Set(defects).size, defects.length, name);
  }
});
