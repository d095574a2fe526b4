import assert from "node:assert/strict";
import {
  criteriaOfProducts,
  learnedProducts,
} from "../../lib/evaluation/learned_products.ts";

/** What a detector has learned: so many images of each category. */
function detector(counts: Readonly<Record<string, number>>) {
  const learned = Object.entries(counts).map(([category, images]) => ({
    category,
    images,
    patches: 4 * images,
    kept: 4 * images,
    sha256: "0".repeat(64),
  }));
  const leftOut = (category: string) =>
    category === "remembered" ? undefined : Array.from(
      { length: counts[category]! },
      (_, i) => Float32Array.of(-3, -2, -1, i / 10),
    );
  return { learned, leftOut };
}

Deno.test("learnedProducts() sets a threshold where there are enough good images", () => {
  const { products, notes } = learnedProducts(
    detector({ nut: 19, bolt: 18, remembered: 30 }),
  );
  assert.deepEqual(Object.keys(products), ["nut"]);
  const { threshold, images_needed, good_scores } = products["nut"]!;
  // The largest of 19 is reached by one in twenty.
  assert.ok(Math.abs(threshold - 1.8) < 1e-6, `${threshold}`);
  assert.deepEqual([images_needed, good_scores.length], [null, 19]);
  assert.deepEqual(notes, [
    '18 good images of "bolt" are too few for verdicts at 5 % false alarms, ' +
    "which take 19; deno task calibrate sets a threshold from 4 on",
    'the good images of "remembered" set no threshold, as the method of the ' +
    "model does not compare them with each other; deno task calibrate sets one",
  ]);
  const criteria = criteriaOfProducts(products)!;
  assert.equal(criteria("nut")!.threshold, threshold);
  assert.equal(criteria("bolt"), undefined);
  assert.equal(criteriaOfProducts({}), undefined);
});
