import assert from "node:assert/strict";
import { parseList } from "../../../lib/data/lists/list_file.ts";
import { DataSetError } from "../../../lib/data/sample.ts";
import { readLocation, readTree, refusalOf } from "../read_tree.ts";
import { mask, png, type Tree, withFolder } from "../trees.ts";

const image = await png(9);
const text = new TextEncoder();

/** Entries of a CSV as `uri category label mask`. */
function entriesOf(list: string | Uint8Array, name = "list.csv"): string[] {
  const bytes = typeof list === "string" ? text.encode(list) : list;
  return parseList(name, bytes).map(({ uri, category, label, masks }) =>
    [uri, category, label, ...masks].join(" ")
  );
}

Deno.test("parseList() finds columns by name in any order, and ignores others", () => {
  assert.deepEqual(
    entriesOf("operator,Mask,label,Image Path,score\nx,m.png,1,a.png,0.3\n"),
    ["a.png  1 m.png"],
  );
  const names = ["uri", "image", "path", "filename", "img_path", "file"];
  for (const name of names) {
    assert.deepEqual(entriesOf(`id,${name}\n7,a.png\n`), ["a.png  "]);
  }
  assert.throws(
    () => entriesOf("name,label\na.png,1\n"),
    /a column must name the images \(uri, .*: current value is "name, label"$/,
  );
});

Deno.test("parseList() takes semicolons, tabs and bars for separators", () => {
  for (const separator of [",", ";", "\t", "|"]) {
    const lines = [["uri", "label", "mask"], ["a b.png", "1", "m.png"]]
      .map((fields) => fields.join(separator));
    assert.deepEqual(entriesOf(lines.join("\r\n")), ["a b.png  1 m.png"]);
  }
});

Deno.test("parseList() reads UTF-8, UTF-16 and Windows-1252", () => {
  const list = "uri,category\nMutter_groß.png,Mutter_groß\n";
  const units = Uint16Array.from(list, (char) => char.charCodeAt(0));
  const wide = new Uint8Array(units.buffer);
  const swapped = wide.map((_, i) => wide[i ^ 1]!);
  const forms = [
    text.encode(list),
    text.encode(`\ufeff${list}`),
    Uint8Array.of(0xff, 0xfe, ...wide),
    Uint8Array.of(0xfe, 0xff, ...swapped),
    wide,
    swapped,
    Uint8Array.from(list, (char) => char.charCodeAt(0)),
  ];
  for (const bytes of forms) {
    assert.deepEqual(entriesOf(bytes), ["Mutter_groß.png Mutter_groß "]);
  }
});

Deno.test("parseList() reads labels as people write them", () => {
  const labels: Readonly<Record<string, number | string>> = {
    "0": 0,
    "1": 1,
    "1.0": 1,
    "0.0": 0,
    "0.9": 1,
    "0,33": 0,
    true: 1,
    False: 0,
    good: 0,
    OK: 0,
    NG: 1,
    bad: 1,
    defective: 1,
    normal: 0,
    "": "",
  };
  for (const [label, expected] of Object.entries(labels)) {
    const [entry] = entriesOf(`uri;label\na.png;${label}\n`);
    assert.equal(entry, `a.png  ${expected}`, label);
  }
  const list = text.encode("uri,label\na.png,good\nb.png,scratch\n");
  assert.deepEqual(
    parseList("x.csv", list).map(({ label, defect }) => [label, defect]),
    [[0, null], [1, "scratch"]],
  );
  for (const label of ["2", "-1", "maybe", "positive"]) {
    assert.throws(() => entriesOf(`uri,label\na.png,${label}\n`), DataSetError);
  }
});

Deno.test("parseList() cuts probabilities where it is told to", () => {
  const list = text.encode("uri,probability\na.png,0.33\nb.png,0.67\n");
  const labels = (labelThreshold: number) =>
    parseList("x.csv", list, { labelThreshold }).map(({ label }) => label);
  assert.deepEqual(labels(0.5), [0, 1]);
  assert.deepEqual(labels(0.3), [1, 1]);
  assert.deepEqual(labels(0.7), [0, 0]);
});

Deno.test("parseList() reads JSON lines, several masks too", () => {
  const lines = [
    { image: "a.png", label: true, mask: ["m.png", "n.png"], extra: {} },
    { image: "b.png", label: 0, mask: null },
  ].map((line) => JSON.stringify(line));
  assert.deepEqual(entriesOf(`\ufeff${lines.join("\n")}\n`, "x.jsonl"), [
    "a.png  1 m.png n.png",
    "b.png  0",
  ]);
});

/** A list with some more columns than that of images. */
function wideList(columns: number): string {
  const names = Array.from({ length: columns }, (_, i) => `c${i}`);
  return `uri,${names.join()}\na.png${",".repeat(names.length)}\n`;
}

Deno.test("parseList() takes a list of many columns, and refuses too many", () => {
  assert.deepEqual(entriesOf(wideList(9_999)), ["a.png  "]);
  assert.throws(() => entriesOf(wideList(100_000)), {
    name: "DataSetError",
    message: /it must have at most 10000 columns: current value is 100001$/,
  });
});

const LIST = [
  "image;label;operator;mask",
  "images/0.png;0.0;x;",
  "images/1.png;1.0;y;masks/1.png",
  "images/2.png;bad;y;masks/gone.png",
  "images/gone.png;good;y;",
].join("\n");

async function listed(): Promise<Tree> {
  return {
    "list.csv": text.encode(LIST),
    "images/0.png": image,
    "images/1.png": image,
    "images/2.png": image,
    "images/3.png": image,
    "masks/1.png": await mask(4),
  };
}

Deno.test("openDataSet() reads a list of images and masks", async () => {
  await withFolder(await listed(), async (folder) => {
    const { rows, layout } = await readLocation(`${folder}/list.csv`, {
      object: "nut",
    });
    assert.equal(layout, "a list");
    assert.deepEqual(rows, [
      ["images/0.png", "nut", 0, null, null],
      ["images/1.png", "nut", 1, null, "4"],
      ["images/2.png", "nut", 1, null, "absent"],
      ["images/gone.png", "nut", 0, null, null],
    ]);
  });
});

Deno.test("openDataSet() takes whole addresses and those of Windows in lists", async () => {
  await withFolder(await listed(), async (folder) => {
    const list = [
      "uri,category,label",
      `${folder}/images/0.png,nut,0`,
      `file://${folder}/images/1.png,nut,1`,
      `images\\2.png,nut,1`,
    ].join("\n");
    await Deno.writeTextFile(`${folder}/other.csv`, list);
    const { rows } = await readLocation(`${folder}/other.csv`);
    assert.deepEqual(rows.map(([key]) => key), [
      "images/0.png",
      "images/1.png",
      "images/2.png",
    ]);
    await Deno.writeTextFile(`${folder}/far.csv`, "uri\ns3://bucket/a.png\n");
    await assert.rejects(
      readLocation(`${folder}/far.csv`),
      /must lie on this machine \(deno task score takes others\)/,
    );
  });
});

Deno.test("openDataSet() reads a folder by the list in it", async () => {
  const whole = LIST.split("\n").slice(0, 3).join("\n");
  const tree = { ...await listed(), "list.csv": text.encode(whole) };
  const { rows, notes } = await readTree(tree);
  assert.deepEqual(rows.map(([key, , label, , lit]) => [key, label, lit]), [
    ["images/0.png", 0, null],
    ["images/1.png", 1, "4"],
  ]);
  assert.deepEqual(notes, [
    "2 images that list.csv does not name, not read: images/2.png, images/3.png",
  ]);
  assert.match(
    await refusalOf({ ...tree, "copy.csv": text.encode(whole) }),
    /must have one list of its images .*: current value is copy\.csv, list\.csv$/,
  );
});

Deno.test("openDataSet() takes the split of a list that names splits", async () => {
  const list = "image,label,split\n1.png,0,train\n2.png,0,test\n3.png,1,Test\n";
  const tree = {
    "list.csv": text.encode(list),
    ...Object.fromEntries(["1", "2", "3"].map((n) => [`${n}.png`, image])),
  };
  const { rows } = await readTree(tree);
  assert.deepEqual(rows.map(([key]) => key), ["2.png", "3.png"]);
  const train = await readTree(tree, { split: "train" });
  assert.deepEqual(train.rows.map(([key]) => key), ["1.png"]);
});

Deno.test("openDataSet() reads one image, and several", async () => {
  const tree = { "a/1.png": image, "b/1.png": image, "c,d.png": image };
  await withFolder(tree, async (folder) => {
    const keys = async (location: string) =>
      (await readLocation(location, { object: "nut" })).rows
        .map(([key, category, label]) => [key, category, label]);
    assert.deepEqual(await keys(`${folder}/a/1.png`), [["1.png", "nut", null]]);
    assert.deepEqual(await keys(`${folder}/c,d.png`), [
      ["c,d.png", "nut", null],
    ]);
    assert.deepEqual(await keys(`${folder}/a/1.png,${folder}/b/1.png`), [
      ["a/1.png", "nut", null],
      ["b/1.png", "nut", null],
    ]);
  });
});

Deno.test("parseList() refuses values that are nested deeply", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  for (const column of ["image", "label", "split"]) {
    const entry = { image: "a.png", label: "good", [column]: "deep" };
    const line = JSON.stringify(entry).replace('"deep"', deep);
    const read = () => parseList("a.jsonl", new TextEncoder().encode(line));
    const message =
      /^Cannot read the list a\.jsonl as the \w+ of entry 1 must be text/;
    assert.throws(read, { name: "DataSetError", message });
  }
});
