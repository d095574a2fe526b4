import assert from "node:assert/strict";
import {
  auroc,
  averagePrecision,
  f1Max,
  rank,
} from "../../lib/metrics/ranking.ts";

Deno.test("rank() makes one step of equal scores, highest first", () => {
  const ranking = rank(
    Float64Array.of(-1, 2, 2, 5),
    Float64Array.of(-3, -1, -1, 2),
  );
  assert.deepEqual(ranking, {
    scores: Float64Array.of(5, 2, -1, -3),
    truePositives: Float64Array.of(1, 3, 4, 4),
    falsePositives: Float64Array.of(0, 1, 3, 4),
  });
});

Deno.test("rank() orders infinities", () => {
  const ranking = rank(
    Float64Array.of(-Infinity, Infinity),
    Float64Array.of(-Infinity, 0),
  );
  assert.deepEqual(ranking.scores, Float64Array.of(Infinity, 0, -Infinity));
  assert.deepEqual(ranking.truePositives, Float64Array.of(1, 1, 2));
});

// Positives 3 and 1, negatives 2 and 0: one pair of four is out of order.
const MIXED = rank(Float64Array.of(1, 3), Float64Array.of(0, 2));

Deno.test("auroc() is the share of ordered pairs", () => {
  assert.equal(auroc(MIXED), 3 / 4);
});

Deno.test("auroc() counts a tie half", () => {
  assert.equal(auroc(rank(Float64Array.of(1), Float64Array.of(1))), 1 / 2);
});

Deno.test("averagePrecision() is the mean precision over positives", () => {
  assert.equal(averagePrecision(MIXED), (1 + 2 / 3) / 2);
});

Deno.test("f1Max() is the best F1 over thresholds", () => {
  assert.equal(f1Max(MIXED), 2 * 2 / (3 + 2));
});
