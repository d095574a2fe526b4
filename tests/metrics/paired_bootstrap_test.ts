import assert from "node:assert/strict";
import {
  imageDifferences,
  type ScorePair,
} from "../../lib/metrics/paired_bootstrap.ts";
import { Random } from "../../lib/random.ts";

/** Scores of two models; the second is better by `gain` on defective images. */
function pairs(count: number, gain: number): ScorePair[] {
  const random = new Random("pairs");
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2 === 0 ? 0 : 1;
    const score = random.between(0, 1);
    return { label, scores: [score, score + label * gain] };
  });
}

Deno.test("imageDifferences() is nothing between equal models", () => {
  const found = imageDifferences(pairs(40, 0));
  for (const { difference, interval } of Object.values(found!)) {
    assert.equal(difference, 0);
    assert.deepEqual(interval, [0, 0]);
  }
});

Deno.test("imageDifferences() finds a gain that is more than chance", () => {
  const found = imageDifferences(pairs(200, 0.3))!;
  const { values, difference, interval } = found.auroc;
  assert.equal(difference, values[1] - values[0]);
  assert.ok(interval[0] > 0 && interval[0] < difference);
  assert.ok(interval[1] > difference);
});

Deno.test("imageDifferences() is the negative with the models exchanged", () => {
  const given = pairs(60, 0.2);
  const exchanged = given.map(({ label, scores: [a, b] }) => ({
    label,
    scores: [b, a] as const,
  }));
  const [found, other] = [given, exchanged].map((p) => imageDifferences(p)!);
  for (const name of ["auroc", "averagePrecision", "f1Max"] as const) {
    const { difference, interval: [low, high] } = found![name];
    assert.equal(other![name].difference, -difference);
    assert.deepEqual(other![name].interval, [-high, -low]);
  }
});

Deno.test("imageDifferences() needs two images of each label", () => {
  assert.equal(imageDifferences(pairs(3, 0.1)), null);
});
