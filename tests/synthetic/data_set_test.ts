import assert from "node:assert/strict";
import { SYNTHETIC_CATEGORIES } from "../../lib/synthetic/catalog.ts";
import {
  syntheticDataSet,
  syntheticFiles,
} from "../../lib/synthetic/data_set.ts";
import { DataSetError } from "../../lib/data/sample.ts";
import { decodeImage } from "../../lib/image/decode.ts";
import { decodeMask } from "../../lib/image/mask.ts";

const OPTIONS = { seed: 3, count: 6, side: 32, split: "test" } as const;

Deno.test("syntheticDataSet() lists a half in key order, half of it defective", async () => {
  for (const split of ["aux", "test"] as const) {
    const dataSet = syntheticDataSet({ ...OPTIONS, split });
    const samples = await Array.fromAsync(dataSet.samples());
    const keys = samples.map(({ key }) => key);
    const expected = SYNTHETIC_CATEGORIES
      .filter((category) => category.split === split)
      .map(({ name }) => name).sort();
    assert.deepEqual(dataSet.categories, expected);
    assert.equal(dataSet.size, expected.length * 6);
    assert.equal(samples.length, dataSet.size);
    assert.deepEqual(keys, [...new Set(keys)].sort());
    for (const name of expected) {
      const own = samples.filter(({ category }) => category === name);
      assert.equal(own.filter(({ label }) => label === 1).length, 3);
    }
  }
});

Deno.test("syntheticDataSet() names samples as MVTec AD does", async () => {
  const dataSet = syntheticDataSet({ ...OPTIONS, categories: ["wood"] });
  const samples = await Array.fromAsync(dataSet.samples());
  for (const { key, category, label, defect, mask } of samples) {
    assert.match(key, /^wood\/test\/[a-z]+\/00\d\.png$/);
    assert.equal(category, "wood");
    assert.equal(key.split("/")[2], defect ?? "good");
    assert.equal(label, defect === null ? 0 : 1);
    assert.equal(mask === null, label === 0);
  }
});

Deno.test("syntheticDataSet() renders a sample's image and mask of one scene", async () => {
  const dataSet = syntheticDataSet({ ...OPTIONS, categories: ["nut"] });
  for await (const sample of dataSet.samples()) {
    const image = await sample.image();
    assert.equal(await sample.image(), image);
    if (sample.mask === null) continue;
    const mask = await sample.mask();
    assert.equal(mask.width, image.width);
    assert(mask.data.includes(1));
  }
});

Deno.test("syntheticDataSet() draws an image once, which a report reads much later", async () => {
  const dataSet = syntheticDataSet({ ...OPTIONS, count: 30 });
  const samples = (await Array.fromAsync(dataSet.samples())).slice(0, 60);
  const images = await Promise.all(samples.map((sample) => sample.image()));
  for (const [i, sample] of samples.entries()) {
    assert.equal(await sample.image(), images[i]);
  }
});

Deno.test("syntheticDataSet() takes the first samples by key up to a limit", async () => {
  const dataSet = syntheticDataSet({ ...OPTIONS, limitTotal: 8 });
  const samples = await Array.fromAsync(dataSet.samples());
  assert.deepEqual(dataSet.categories, ["cable", "candle"]);
  assert.equal(dataSet.size, 8);
  assert.equal(samples.length, 8);
});

Deno.test("syntheticDataSet() refuses a category of the other half", () => {
  assert.throws(
    () => syntheticDataSet({ ...OPTIONS, categories: ["wood", "gear"] }),
    (error) =>
      error instanceof DataSetError &&
      /must be among .*wood.*: current value is gear$/.test(error.message),
  );
});

Deno.test("syntheticDataSet() refuses numbers that are not whole", () => {
  for (const wrong of [{ count: 0 }, { seed: -1 }, { side: 1.5 }]) {
    assert.throws(() => syntheticDataSet({ ...OPTIONS, ...wrong }), RangeError);
  }
});

Deno.test("syntheticFiles() writes every image and mask without loss", async () => {
  const options = { ...OPTIONS, categories: ["candle"] };
  const files = new Map<string, Uint8Array>();
  for await (const { path, bytes } of syntheticFiles(options)) {
    files.set(path, bytes);
  }
  let expected = 0;
  for await (const sample of syntheticDataSet(options).samples()) {
    expected++;
    const { width, height, data } = await decodeImage(files.get(sample.key)!);
    assert.deepEqual({ width, height, data }, await sample.image());
    if (sample.mask === null) continue;
    expected++;
    const path = sample.key.replace("/test/", "/ground_truth/");
    const mask = await decodeMask(files.get(path.replace(".", "_mask."))!);
    assert.deepEqual(mask, {
      ...await sample.mask(),
      isAlpha: false,
      isCut: false,
    });
  }
  assert.equal(files.size, expected);
});
