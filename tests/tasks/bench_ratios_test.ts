import assert from "node:assert/strict";
import {
  type BenchReport,
  lowerRatios,
  ratiosOf,
  regressions,
} from "../../tasks/bench_ratios.ts";

function bench(group: string | null, name: string, min: number) {
  return { group, name, baseline: name === "base", results: [{ ok: { min } }] };
}

Deno.test("ratiosOf() divides by the baseline of each group", () => {
  const report: BenchReport = {
    benches: [
      bench("decode", "ours", 30),
      bench("decode", "base", 20),
      bench("matmul", "base", 8),
      bench("matmul", "block", 10),
      bench("alone", "no baseline here", 5),
      bench(null, "no group", 5),
    ],
  };
  assert.deepEqual(ratiosOf(report), {
    decode: { ours: 1.5 },
    matmul: { block: 1.25 },
  });
});

Deno.test("ratiosOf() leaves out what failed", () => {
  const failed = {
    group: "decode",
    name: "ours",
    baseline: false,
    results: [{ failed: { message: "broken" } }],
  };
  const report = { benches: [bench("decode", "base", 20), failed] };
  assert.deepEqual(ratiosOf(report), { decode: {} });
});

Deno.test("regressions() allows growth up to the tolerance", () => {
  const recorded = { decode: { ours: 2 } };
  assert.deepEqual(regressions({ decode: { ours: 2.5 } }, recorded, 0.25), []);
  assert.deepEqual(regressions({ decode: { ours: 0.5 } }, recorded, 0.25), []);
  assert.deepEqual(regressions({ decode: { ours: 2.6 } }, recorded, 0.25), [
    "decode: ours is 2.6 x its baseline, 30 % above the recorded 2",
  ]);
});

Deno.test("regressions() reports what is no longer measured", () => {
  const recorded = { decode: { ours: 2 }, gone: { it: 1 } };
  const now = { decode: { ours: 2, fresh: 9 } };
  assert.deepEqual(regressions(now, recorded, 0.25), [
    "gone: it was not measured",
  ]);
});

Deno.test("regressions() asks for the integers of one kind of processor only", () => {
  const recorded = {
    "network in int8": { a: 1 },
    "network in uint8": { a: 2 },
  };
  assert.deepEqual(
    regressions({ "network in uint8": { a: 2 } }, recorded, 0),
    [],
  );
  assert.deepEqual(regressions({ "network in int8": { a: 3 } }, recorded, 0), [
    "network in int8: a is 3 x its baseline, 200 % above the recorded 1",
  ]);
  assert.deepEqual(regressions({}, recorded, 0), [
    "network in int8: a was not measured",
    "network in uint8: a was not measured",
  ]);
});

Deno.test("lowerRatios() keeps the lower of two runs, and all there is", () => {
  const first = { decode: { ours: 2, once: 7 }, one: { a: 1 } };
  const second = { decode: { ours: 1.5 }, two: { b: 3 } };
  assert.deepEqual(lowerRatios(first, second), {
    decode: { ours: 1.5, once: 7 },
    one: { a: 1 },
    two: { b: 3 },
  });
});
