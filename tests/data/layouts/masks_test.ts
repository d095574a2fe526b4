import assert from "node:assert/strict";
import { pairMasks } from "../../../lib/data/layouts/pair_masks.ts";
import { encodeJpeg, encodePng } from "../../../lib/image/encode.ts";
import { greyPng, lit } from "../rasters.ts";
import { readTree } from "../read_tree.ts";
import { mask, png, type Tree } from "../trees.ts";

const image = await png(9);

function named(stem: string) {
  return { path: `${stem}.png`, stem };
}

/** `1_gt -> 1`, or `1_gt` alone where it fits no image. */
function pairs(images: string[], masks: string[]): string[] {
  const found = pairMasks(images.map(named), masks.map(named));
  return masks.map((stem) => {
    const [owner] = [...found.masks].find(([, paths]) =>
      paths.includes(`${stem}.png`)
    ) ?? [];
    const isOrphan = found.orphans.includes(`${stem}.png`);
    assert.equal(owner === undefined, isOrphan);
    return owner === undefined ? stem : `${stem} -> ${owner.slice(0, -4)}`;
  });
}

Deno.test("pairMasks() finds the name of the image with any prefix or suffix", () => {
  const names = [
    "000",
    "000_mask",
    "000-mask",
    "000_gt",
    "mask_000",
    "gt 000",
    "000gt",
    "000_mask_1",
    "label000",
    "0_mask",
  ];
  for (const name of names) {
    assert.deepEqual(pairs(["000", "001"], [name]), [`${name} -> 000`]);
  }
  assert.deepEqual(pairs(["cat"], ["catmask", "catgt"]), [
    "catmask -> cat",
    "catgt -> cat",
  ]);
});

Deno.test("pairMasks() compares numbers as numbers, and whole", () => {
  assert.deepEqual(pairs(["1", "2", "10"], ["01_gt", "02_gt", "10_gt"]), [
    "01_gt -> 1",
    "02_gt -> 2",
    "10_gt -> 10",
  ]);
  assert.deepEqual(
    pairs(["anomaly-1", "anomaly-10"], ["anomaly-10_gt", "anomaly-1_gt"]),
    ["anomaly-10_gt -> anomaly-10", "anomaly-1_gt -> anomaly-1"],
  );
  assert.deepEqual(pairs(["1"], ["10", "21_mask", "11"]), [
    "10",
    "21_mask",
    "11",
  ]);
});

Deno.test("pairMasks() lets the longest name win", () => {
  const images = ["a", "a_b", "b", "IMG_7"];
  assert.deepEqual(pairs(images, ["a_b_gt", "a_gt", "mask_b", "img_7_mask"]), [
    "a_b_gt -> a_b",
    "a_gt -> a",
    "mask_b -> b",
    "img_7_mask -> IMG_7",
  ]);
  assert.deepEqual(pairs(["a"], ["banana"]), ["banana"]);
});

Deno.test("pairMasks() pairs nothing by position or by chance", () => {
  assert.deepEqual(
    pairs(["000", "001", "002"], ["gt_000", "gt_002", "gt_099"]),
    ["gt_000 -> 000", "gt_002 -> 002", "gt_099"],
  );
  assert.deepEqual(pairs(["x", "y"], ["p", "q"]), ["p", "q"]);
  assert.deepEqual(pairs(["1", "01"], ["001_gt"]), ["001_gt"]);
});

/** One good and one defective image, and masks of this folder. */
function withMasks(masks: Tree): Tree {
  const tree: Tree = {
    "nut/test/good/0.png": image,
    "nut/test/hole/0.png": image,
    "nut/test/hole/1.png": image,
  };
  for (const [name, data] of Object.entries(masks)) {
    tree[`nut/ground_truth/hole/${name}`] = data;
  }
  return tree;
}

async function masksOf(masks: Tree): Promise<(string | null)[]> {
  const { rows } = await readTree(withMasks(masks));
  return rows.slice(1).map(([, , , , mask]) => mask);
}

Deno.test("openDataSet() joins all masks of an image", async () => {
  assert.deepEqual(
    await masksOf({
      "0_mask.png": greyPng(lit(5, 255)),
      "0_mask_1.png": greyPng(lit(9, 255)),
      "1/000.png": greyPng(lit(2, 255)),
      "1/001.png": greyPng(lit(3, 255)),
    }),
    ["9", "3"],
  );
});

Deno.test("openDataSet() says which masks and images have no partner", async () => {
  const { notes } = await readTree(withMasks({
    "0_gt.png": await mask(5),
    "99_gt.png": await mask(6),
  }));
  assert.deepEqual(notes, [
    "1 defective image without a mask: nut/test/hole/1.png",
    "1 mask of no image, not read: nut/ground_truth/hole/99_gt.png",
  ]);
});

Deno.test("openDataSet() pairs masks beside their images", async () => {
  const black = greyPng(lit(0, 255));
  const marked = greyPng(lit(4, 255));
  for (const word of ["_GT", "_mask", "-label"]) {
    const { rows, notes } = await readTree({
      "test/20000.png": image,
      [`test/20000${word}.png`]: marked,
      "test/20001.png": image,
      [`test/20001${word}.png`]: black,
    });
    assert.deepEqual(rows, [
      ["test/20000.png", "set", 1, null, "4"],
      ["test/20001.png", "set", 0, null, null],
    ]);
    assert.deepEqual(notes, []);
  }
});

Deno.test("openDataSet() pairs one folder of masks with kinds", async () => {
  const { rows } = await readTree({
    "normal/0.png": image,
    "abnormal/0.png": image,
    "abnormal/1.png": image,
    "mask/0.png": await mask(3),
    "mask/1.png": await mask(4),
  });
  assert.deepEqual(rows.map(([key, , label, , lit]) => [key, label, lit]), [
    ["abnormal/0.png", 1, "3"],
    ["abnormal/1.png", 1, "4"],
    ["normal/0.png", 0, null],
  ]);
});

Deno.test("openDataSet() cuts masks of many values at half, and says so", async () => {
  const values = Array.from({ length: 96 }, (_, i) => Math.min(255, i * 10));
  const grey = greyPng({ width: 12, height: 8, values });
  const classes = greyPng({
    width: 12,
    height: 8,
    values: values.map((_, i) => i < 6 ? 1 + i % 3 : 0),
  });
  const [first, second] = await masksOf({ "0.png": grey, "1.png": classes });
  assert.equal(first, "83 grey");
  assert.equal(second, "6");
  const data = new Uint8Array(12 * 8 * 3);
  data.fill(255, 0, 12 * 4 * 3);
  const jpeg = await encodeJpeg({ width: 12, height: 8, data });
  const coloured = await encodePng({
    width: 12,
    height: 8,
    data: data.map((value, i) => i % 3 === 2 ? value : 0),
  });
  const [third, fourth] = await masksOf({ "0.jpg": jpeg, "1.png": coloured });
  assert.match(`${third}`, /^48\b/);
  assert.equal(fourth, "48");
});

Deno.test("openDataSet() tells what is wrong with a mask", async () => {
  assert.deepEqual(
    await masksOf({ "0.png": await mask(0), "1.png": await mask(5, 13) }),
    ["empty", "other_size"],
  );
  assert.deepEqual(
    await masksOf({ "0.png": new Uint8Array(9), "1.png": await mask(95) }),
    ["unreadable", "95 large"],
  );
});

Deno.test("openDataSet() tells that a mask is named and absent", async () => {
  const entry = { cls_name: "nut", specie_name: "hole", anomaly: 1 };
  const meta = {
    test: {
      nut: [
        { ...entry, img_path: "a.png", mask_path: "masks/a.png" },
        { ...entry, img_path: ".\\b.png", mask_path: "Masks\\b.PNG" },
        { ...entry, img_path: "c.png", mask_path: "" },
      ],
    },
  };
  const { rows, notes } = await readTree({
    "meta.json": new TextEncoder().encode(JSON.stringify(meta)),
    "a.png": image,
    "b.png": image,
    "c.png": image,
    "d.png": image,
    "masks/b.png": await mask(4),
  });
  assert.deepEqual(rows.map(([key, , , , mask]) => [key, mask]), [
    ["a.png", "absent"],
    ["b.png", "4"],
    ["c.png", null],
  ]);
  assert.match(notes.join(), /1 image that meta\.json does not name.*: d\.png/);
});
