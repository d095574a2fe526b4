import assert from "node:assert/strict";
import { Detector } from "../../lib/detector/detector.ts";
import { calibrateProducts } from "../../lib/evaluation/calibrate_products.ts";
import { syntheticDataSet } from "../../lib/synthetic/data_set.ts";
import type { DataSet } from "../../lib/data/sample.ts";

/** Six drawn images of one label and one category. */
function images(label: 0 | 1, categories: readonly string[]): DataSet {
  const dataSet = syntheticDataSet({ count: 12, side: 64, categories });
  return {
    ...dataSet,
    async *samples() {
      for await (const sample of dataSet.samples()) {
        if (sample.label === label) yield sample;
      }
    },
  };
}

const OPTIONS = { target: { false_alarms: 0.2 }, bitDepth: 16 } as const;

Deno.test("calibrateProducts() compares each good image with the other ones", async () => {
  await using detector = await Detector.open("nano");
  const good = images(0, ["nut"]);
  const bad = images(1, ["nut"]);
  const found = await calibrateProducts({ detector, good, bad }, OPTIONS);
  const { memory, found: product } = found.get("nut")!;
  assert.ok(memory!.length > 0);
  assert.equal(product.false_alarms.of, 6);
  assert.equal(product.recall!.of, 6);
  // The detector has learned the images; each now looks better than beside
  // the other ones.
  const scores: number[] = [];
  for await (const { image } of good.samples()) {
    const found = await detector.score(await image(), { category: "nut" });
    scores.push(found.scoreLogit);
  }
  const [least] = product.good_scores;
  assert.ok(Math.max(...scores) < least!, `${scores} ${product.good_scores}`);
});

Deno.test("calibrateProducts() scores good images where nothing is learned", async () => {
  await using detector = await Detector.open("nano");
  const good = images(0, ["leather", "nut"]);
  const options = { ...OPTIONS, usesMemory: false };
  const found = await calibrateProducts({ detector, good }, options);
  assert.deepEqual([...found.keys()], ["leather", "nut"]);
  const scores: number[] = [];
  for await (const { image, category } of good.samples()) {
    if (category !== "nut") continue;
    const { scoreLogit } = await detector.score(await image(), { category });
    scores.push(scoreLogit);
  }
  const { found: product, memory } = found.get("nut")!;
  assert.equal(memory, null);
  assert.deepEqual(product.good_scores, scores.toSorted((a, b) => a - b));
  assert.deepEqual(detector.learned, []);
});

Deno.test("calibrateProducts() refuses defective images of other products", async () => {
  await using detector = await Detector.open("nano");
  const good = images(0, ["leather", "nut"]);
  const bad = images(1, ["pill"]);
  await assert.rejects(calibrateProducts({ detector, good, bad }, OPTIONS), {
    name: "DataSetError",
    message: /must be among those of good ones, leather, nut/,
  });
});
