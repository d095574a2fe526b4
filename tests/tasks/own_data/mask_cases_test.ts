import assert from "node:assert/strict";
import sharp from "sharp";
import {
  assertReference,
  evaluateTree,
  greyOf,
  greyPng,
  masksWith,
  metricsOf,
  mvtec,
  NUTS,
} from "./_nuts.ts";

Deno.test("eval reads the case masks-unpadded as the reference", async () => {
  const names = { names: ["1", "2", "10"], suffix: "_gt.png" };
  assertReference(await evaluateTree(mvtec(names)));
});

Deno.test("eval says which images of the case masks-by-chance have no mask", async () => {
  const tree = mvtec({ suffix: "_gt.png" });
  tree["nut/ground_truth/defect/099_gt.png"] =
    tree["nut/ground_truth/defect/001_gt.png"]!;
  delete tree["nut/ground_truth/defect/001_gt.png"];
  const { summary, said, code } = await evaluateTree(tree);
  assert.equal(code, 0);
  assert.match(said, /without a mask: nut\/test\/defect\/001\.png$/m);
  assert.match(said, /mask of no image, not read: \S+\/099_gt\.png$/m);
  const { masks, masks_missing, p_auroc, i_auroc } = summary.categories.nut!;
  assert.deepEqual([masks, masks_missing, i_auroc], [2, 1, 1]);
  assert.equal(p_auroc?.toFixed(3), "0.827");
});

Deno.test("eval cuts the masks of the case masks-jpeg at half, and says so", async () => {
  const masks = await Promise.all(
    NUTS.masks.map((mask) => sharp(mask).jpeg({ quality: 75 }).toBuffer()),
  );
  const found = await evaluateTree(mvtec({ masks, suffix: "_mask.jpg" }));
  assertReference(found);
  assert.match(found.said, /Masks with more than two values in nut, cut .*: 3/);
  assert.equal(found.summary.categories.nut!.mask_notes?.grey, 3);
});

Deno.test("eval warns that the masks of the case masks-inverted are large", async () => {
  const masks = await masksWith((value) => 255 - value);
  const { said, summary } = await evaluateTree(mvtec({ masks }));
  assert.match(said, /Masks over more than 90 % of their image in nut.*: 3/);
  assert.equal(summary.categories.nut!.mask_notes?.large, 3);
});

Deno.test("eval keeps scores in the case masks-one-row-larger", async () => {
  const masks = await Promise.all(NUTS.masks.map(async (mask) => {
    const { width, height, data } = await greyOf(mask);
    const larger = new Uint8Array(width * (height + 1));
    larger.set(data);
    return await greyPng({ width, height: height + 1, data: larger });
  }));
  const found = await evaluateTree(mvtec({ masks }));
  assert.equal(found.code, 0);
  assert.equal(metricsOf(found).i_auroc, 1000);
  const { errors, p_auroc, mask_notes } = found.summary.categories.nut!;
  assert.deepEqual([errors, p_auroc], [0, null]);
  assert.deepEqual(mask_notes, { other_size: 3 });
  assert.match(
    found.said,
    /Masks of another size than their image in nut.*: 3/,
  );
});

Deno.test("eval calls the masks of the case masks-black empty", async () => {
  const masks = await masksWith(() => 0);
  const { said, summary } = await evaluateTree(mvtec({ masks }));
  assert.match(said, /Empty masks in nut, left out of pixel metrics: 3/);
  assert.doesNotMatch(said, /lost on resizing/);
  const { masks_lost, mask_notes } = summary.categories.nut!;
  assert.deepEqual([masks_lost, mask_notes], [0, { empty: 3 }]);
});

Deno.test("eval joins the masks of the case two-masks", async () => {
  const { width, height, data } = await greyOf(NUTS.masks[0]!);
  const columns = [...data.keys()].filter((i) => data[i]! > 0)
    .map((i) => i % width);
  const low = columns.reduce((a, b) => Math.min(a, b));
  const high = columns.reduce((a, b) => Math.max(a, b));
  const middle = (low + high) >> 1;
  const part = (isIn: (x: number) => boolean) =>
    greyPng({
      width,
      height,
      data: data.map((value, i) => isIn(i % width) ? value : 0),
    });
  const found = await evaluateTree({
    ...mvtec(),
    "nut/ground_truth/defect/000_mask.png": await part((x) => x < middle),
    "nut/ground_truth/defect/000_mask_1.png": await part((x) => x >= middle),
  });
  assertReference(found);
  assert.equal(found.summary.categories.nut!.masks, 3);
});
