import assert from "node:assert/strict";
import { clopperPearson } from "../../lib/metrics/clopper_pearson.ts";

function assertInterval(
  [count, of]: readonly [number, number],
  [low, high]: readonly [number, number],
): void {
  const { rate, interval } = clopperPearson(count, of);
  assert.equal(rate, count / of);
  assert.ok(Math.abs(interval[0] - low) < 1e-9, `${interval[0]} is not ${low}`);
  assert.ok(
    Math.abs(interval[1] - high) < 1e-9,
    `${interval[1]} is not ${high}`,
  );
}

Deno.test("clopperPearson() equals scipy.stats.binomtest", () => {
  // binomtest(k, n).proportion_ci(method="exact")
  assertInterval([0, 50], [0, 0.0711217364642]);
  assertInterval([2, 50], [0.004881433426136, 0.137137625604]);
  assertInterval([50, 50], [0.9288782635358, 1]);
  assertInterval([1, 4], [0.00630946320971, 0.8058795503168]);
  assertInterval([7, 500], [0.005646761070672, 0.02863161618334]);
  assertInterval([490, 1000], [0.4585848707141, 0.5214741586781]);
});

Deno.test("clopperPearson() refuses counts that cannot be", () => {
  for (const [count, of] of [[0, 0], [3, 2], [-1, 5], [0.5, 5]] as const) {
    assert.throws(() => clopperPearson(count, of), RangeError);
  }
});
