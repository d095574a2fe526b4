import assert from "node:assert/strict";
import { auroc, rank } from "../../lib/metrics/ranking.ts";
import { rocCurve } from "../../lib/metrics/roc_curve.ts";
import { randomNumbers } from "./synthetic_maps.ts";
import { assertClose, IMAGE_GOLDENS } from "./goldens.ts";
import { ImageScores } from "../../lib/metrics/image_scores.ts";

function sortedScores(count: number, shift: number, seed: number) {
  const random = randomNumbers(seed);
  return Float64Array.from(
    { length: count },
    () => shift + random() + random() + random(),
  ).sort();
}

Deno.test("rocCurve() is scikit-learn's where few points make it", () => {
  const golden = IMAGE_GOLDENS.find(({ name }) => name === "few")!;
  const scores = new ImageScores();
  for (const [i, score] of golden.scores.entries()) {
    scores.add(score, golden.labels[i] === 1 ? 1 : 0);
  }
  assert.deepEqual(scores.rocCurve(), {
    fpr: Float64Array.from(golden.fpr),
    tpr: Float64Array.from(golden.tpr),
  });
});

Deno.test("rocCurve() keeps a few hundred exact points of a long curve", () => {
  const ranking = rank(sortedScores(9000, 0.5, 1), sortedScores(20000, 0, 2));
  const { fpr, tpr } = rocCurve(ranking);
  assert.ok(fpr.length > 200 && fpr.length <= 400, `${fpr.length} points`);
  const exact = new Set(["0 0"]);
  for (const [k, hits] of ranking.truePositives.entries()) {
    exact.add(`${ranking.falsePositives[k]! / 20000} ${hits / 9000}`);
  }
  for (const [k, rate] of fpr.entries()) {
    assert.ok(exact.has(`${rate} ${tpr[k]}`));
  }
  assert.deepEqual([fpr[0], tpr[0]], [0, 0]);
  assert.deepEqual([fpr.at(-1), tpr.at(-1)], [1, 1]);
});

Deno.test("rocCurve() hardly changes the area when it leaves out points", () => {
  const ranking = rank(sortedScores(9000, 0.5, 1), sortedScores(20000, 0, 2));
  const { fpr, tpr } = rocCurve(ranking);
  let area = 0;
  for (let k = 1; k < fpr.length; k++) {
    area += (fpr[k]! - fpr[k - 1]!) * (tpr[k]! + tpr[k - 1]!) / 2;
  }
  assertClose(area, auroc(ranking), 1e-4);
});

Deno.test("rocCurve() keeps both ends of a long step", () => {
  for (const tied of [0, 1]) {
    const sets = [sortedScores(1000, 0, 3), sortedScores(1000, 0, 4)] as const;
    sets[tied]!.fill(1.5, 300, 700);
    const ranking = rank(sets[0].sort(), sets[1].sort());
    const step = ranking.scores.indexOf(1.5);
    const { fpr, tpr } = rocCurve(ranking);
    const kept = Array.from(fpr, (rate, k) => `${rate} ${tpr[k]}`);
    for (const k of [step - 1, step]) {
      const alarms = ranking.falsePositives[k]! / 1000;
      const hits = ranking.truePositives[k]! / 1000;
      assert.ok(kept.includes(`${alarms} ${hits}`));
    }
  }
});
