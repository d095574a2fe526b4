import assert from "node:assert/strict";
import { openSource } from "../../lib/data/open.ts";
import { listGoodImages, matchGoodSet } from "../../lib/references/good_set.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { GOLDEN_IMAGES } from "../golden/mfp_clip/golden.ts";

const OBJECT = "\0";

/** Keys of the good images of each category in a folder with these files. */
async function listed(
  paths: readonly string[],
  shots?: number,
): Promise<Record<string, string[]>> {
  await using folder = await temporaryFolder();
  for (const path of paths) {
    const file = `${folder.path}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(GOLDEN_IMAGES[1]!, file);
  }
  const source = await openSource(folder.path);
  const { categories } = await listGoodImages(source, {
    object: OBJECT,
    shots,
  });
  const keys = [...categories].map(async ([name, samples]) => {
    const { width } = await samples[0]!.image();
    assert.equal(width, 64);
    return [name, samples.map(({ key }) => key)] as const;
  });
  return Object.fromEntries(await Promise.all(keys));
}

Deno.test("listGoodImages() takes a folder for each category, the first ones by key", async () => {
  const paths = ["nut/b.png", "nut/a.png", "cable/1.png", "cable/notes.txt"];
  assert.deepEqual(await listed(paths), {
    cable: ["cable/1.png"],
    nut: ["nut/a.png", "nut/b.png"],
  });
  assert.deepEqual(await listed(paths, 1), {
    cable: ["cable/1.png"],
    nut: ["nut/a.png"],
  });
});

Deno.test("listGoodImages() takes images that lie in no folder", async () => {
  const found = await listed(["2.png", "1.png"]);
  assert.deepEqual(found, { [OBJECT]: ["1.png", "2.png"] });
});

Deno.test("listGoodImages() takes train/good of a data set, and no defective image", async () => {
  assert.deepEqual(
    await listed([
      "nut/train/good/0.png",
      "nut/test/good/0.png",
      "nut/test/bent/0.png",
    ]),
    { nut: ["nut/train/good/0.png"] },
  );
  assert.deepEqual(
    await listed(["nut/good/0.png", "nut/bad/0.png", "cap/good/0.png"]),
    { cap: ["cap/good/0.png"], nut: ["nut/good/0.png"] },
  );
});

function goodSet(counts: Record<string, number>) {
  const sample = {
    key: "1.png",
    category: "nut",
    label: null,
    defect: null,
    image: () => Promise.reject(new Error("not read")),
    mask: null,
  };
  const categories = Object.entries(counts).map(([name, count]) =>
    [name, Array(count).fill(sample)] as const
  );
  return { location: "good", categories: new Map(categories) };
}

Deno.test("matchGoodSet() finds the good images of each category, and says what is missing", () => {
  const good = goodSet({ nut: 10, cap: 1, pill: 2, washer: 10 });
  const { categories, warnings } = matchGoodSet(
    good,
    ["nut", "cap", "pill", "cable"],
    OBJECT,
  );
  assert.deepEqual([...categories.keys()], ["nut", "cap", "pill"]);
  assert.deepEqual(warnings, [
    'good images of "washer" are not used, as no image to be scored is of ' +
    "that category",
    'there are no good images of "cable", so it stays zero-shot',
    'there is one good image of "cap": about ten are needed to tell what is ' +
    "usual",
    'there are 2 good images of "pill": about ten are needed to tell what is ' +
    "usual",
  ]);
});

Deno.test("matchGoodSet() takes images in no folder for the only category", () => {
  const direct = goodSet({ [OBJECT]: 10 });
  const { categories, warnings } = matchGoodSet(direct, ["screw"], OBJECT);
  assert.deepEqual([...categories.keys()], ["screw"]);
  assert.deepEqual(warnings, []);
  assert.throws(() => matchGoodSet(direct, ["nut", "cap"], OBJECT), {
    name: "DataSetError",
    message:
      "Cannot use the good images at good as their folders must have the " +
      'names of categories, "nut", "cap": they lie in no folder',
  });
  assert.throws(() => matchGoodSet(goodSet({ nuts: 3 }), ["nut"], OBJECT), {
    message:
      "Cannot use the good images at good as their folders must have the " +
      'names of categories, "nut": there are "nuts"',
  });
});
