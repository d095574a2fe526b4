import assert from "node:assert/strict";
import { evaluate } from "../../lib/evaluation/evaluate.ts";
import { reportCurves, summarise } from "../../lib/evaluation/summarise.ts";
import { cornerMask, fakeDataSet, RedDetector } from "./_fakes.ts";

const FACTS = {
  model: "red",
  data: "fake",
  prompts: {},
  smooth: 0,
  seconds: 2,
};

function evaluation() {
  return evaluate(
    new RedDetector(),
    fakeDataSet([
      { key: "a/0", label: 1, red: 200, mask: cornerMask() },
      { key: "a/1", label: 1, red: 90, mask: cornerMask() },
      { key: "a/2", red: 100 },
      { key: "a/3", red: 20 },
      { key: "b/0", label: 1, red: 50 },
      { key: "b/1", broken: true },
    ]),
  );
}

Deno.test("summarise() averages over the categories that count", async () => {
  const summary = summarise(await evaluation(), FACTS);
  assert.deepEqual(Object.keys(summary), [
    ...["model", "method", "score_rule", "data", "prompts", "smooth"],
    "seconds",
    ...["images", "errors", "categories", "mean", "counted"],
    "mean_intervals",
  ]);
  assert.equal(summary.images, 6);
  assert.equal(summary.errors, 1);
  assert.equal(summary.mean.i_auroc, 0.75);
  assert.equal(summary.counted.i_auroc, 1);
  assert.equal(summary.categories.b?.i_auroc, null);
});

Deno.test("summarise() says how images are scored, as MFP-CLIP does by default", async () => {
  const found = await evaluation();
  const usual = summarise(found, FACTS);
  assert.equal(usual.method, "MFP-CLIP");
  assert.equal(usual.score_rule, "maximum of the refined map");
  const scoring = { method: "Other", score_rule: "sum of two tokens" };
  const other = summarise(found, { ...FACTS, scoring });
  assert.equal(other.method, "Other");
  assert.equal(other.score_rule, "sum of two tokens");
});

Deno.test("summarise() says null, never NaN, in JSON", async () => {
  const none = await evaluate(new RedDetector(), fakeDataSet([], ["a"]));
  const summary = summarise(none, FACTS);
  assert.equal(summary.mean.aupro, null);
  assert.equal(summary.counted.aupro, 0);
  assert.equal(JSON.parse(JSON.stringify(summary)).categories.a.aupro, null);
});

Deno.test("reportCurves() finds the threshold of highest F1", async () => {
  const found = await evaluation();
  const curves = reportCurves(found);
  // From 90 on both defective images and one good one: F1 = 4 / 5
  assert.equal(curves.a?.threshold, found.rows[1]?.score_logit);
  assert.equal(curves.b?.threshold, null);
  assert.notEqual(curves.a?.pixel, null);
});

Deno.test("reportCurves() gives no threshold that calls all good images defective", async () => {
  const found = await evaluate(
    new RedDetector(),
    fakeDataSet([
      { key: "a/0", label: 1, red: 20 },
      { key: "a/1", label: 1, red: 30 },
      { key: "a/2", red: 200 },
    ]),
  );
  assert.equal(reportCurves(found).a?.threshold, null);
  assert.deepEqual(found.categories.a?.warnings, ["all_defective"]);
});
