import assert from "node:assert/strict";
import { Exceedance } from "../../lib/metrics/exceedance.ts";
import { judge } from "../../lib/results/verdict.ts";

const criterion = {
  threshold: 2,
  pixelThreshold: 1,
  heatRange: null,
  good: new Exceedance([0, 0.5, 1, 1.5, 2.5]),
};

Deno.test("judge() calls an image defective from the threshold on", () => {
  const verdicts = [1.99, 2, 3].map((score) => judge(score, criterion));
  const defective = verdicts.map(({ is_anomalous }) => is_anomalous);
  assert.deepEqual(defective, [false, true, true]);
  assert.equal(verdicts[0]!.threshold, 2);
});

Deno.test("judge() gives the share of good images below as confidence", () => {
  const { confidence } = judge(1, criterion);
  assert.ok(Math.abs(confidence! - 3 / 6) < 1e-12, `${confidence}`);
  assert.ok(judge(50, criterion).confidence! > 0.95);
  const unknown = judge(1, { ...criterion, good: null });
  assert.equal(unknown.confidence, null);
});

Deno.test("judge() has no verdict without a score or a criterion", () => {
  assert.deepEqual(judge(null, criterion), {
    is_anomalous: null,
    threshold: 2,
    confidence: null,
  });
  assert.equal(judge(5, undefined).is_anomalous, null);
});
