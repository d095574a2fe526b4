import assert from "node:assert/strict";
import {
  aupro,
  aupro200,
  type RegionRanking,
} from "../../lib/metrics/aupro.ts";
import { assertClose } from "./goldens.ts";

// PRO rises 0, 0.5, 0.75, 1 at FPR 0, 0.2, 0.4, 1.
const RANKING: RegionRanking = {
  scores: Float64Array.of(2, 1, -2),
  truePositives: Float64Array.of(2, 3, 4),
  falsePositives: Float64Array.of(2, 4, 10),
  regionOverlap: Float64Array.of(0.5, 0.75, 1),
};

Deno.test("aupro() interpolates at the limit and divides by it", () => {
  const area = 0.2 * 0.5 / 2 + 0.1 * (0.5 + 0.625) / 2;
  assertClose(aupro(RANKING), area / 0.3, 1e-15);
});

Deno.test("aupro() ends on a point at the limit", () => {
  assertClose(aupro(RANKING, { fprLimit: 0.2 }), 0.25, 1e-15);
});

Deno.test("aupro() with limit 1 is the whole area", () => {
  const area = 0.2 * 0.25 + 0.2 * 0.625 + 0.6 * 0.875;
  assertClose(aupro(RANKING, { fprLimit: 1 }), area, 1e-15);
});

Deno.test("aupro() throws when the limit is out of range", () => {
  for (const limit of [0, -0.1, 1.1, NaN]) {
    assert.throws(
      () => aupro(RANKING, { fprLimit: limit }),
      new RangeError(
        "Cannot compute AUPRO as fprLimit must be above 0 and at most 1: " +
          `current value is ${limit}`,
      ),
    );
  }
});

Deno.test("aupro200() stretches the rates that it keeps", () => {
  // Thresholds below 1 keep FPR 0.4 and are dropped; from there on FPR is 0.2.
  assert.equal(aupro200(RANKING), null);
  const falsePositives = Float64Array.of(0, 2, 10);
  assert.equal(aupro200({ ...RANKING, falsePositives }), (0.5 + 0.75) / 2);
});

Deno.test("aupro200() drops a rate of exactly 0.3", () => {
  const falsePositives = Float64Array.of(1, 3, 10);
  assert.equal(aupro200({ ...RANKING, falsePositives }), null);
});

Deno.test("aupro200() is null when the anomaly map is flat", () => {
  for (const scores of [[3, 3, 3], [25, 24, 23], [-102, -103, -104]]) {
    const flat = { ...RANKING, scores: Float64Array.from(scores) };
    assert.equal(aupro200(flat), null);
  }
});
