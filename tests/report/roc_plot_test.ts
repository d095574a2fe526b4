import { deepEqual, equal, match, ok } from "node:assert/strict";
import { meanRoc, rocPlot } from "../../lib/report/roc_plot.ts";
import { KINKED } from "./sample_report.ts";

const TEXT = { title: "ROC of bottle", description: "One curve." };

Deno.test("rocPlot() draws a path through the points of each curve", () => {
  const svg = rocPlot([
    { curve: KINKED!, stroke: "var(--image)", width: 2 },
    { curve: KINKED!, stroke: "var(--pixel)", width: 1 },
  ], TEXT).toString();
  const paths = [
    ...svg.matchAll(/stroke="(var\(--\w+\))"[^>]*><path d="(\S+)"/g),
  ]
    .map(([, stroke, d]) => [stroke, d]);
  deepEqual(paths.slice(-3), [
    ["var(--faint)", "M36,224L270,22"],
    ["var(--image)", "M36,224L94.5,72.5L270,22"],
    ["var(--pixel)", "M36,224L94.5,72.5L270,22"],
  ]);
});

Deno.test("rocPlot() says what it is and leaves no DOM behind", () => {
  const svg = rocPlot([], TEXT).toString();
  match(
    svg,
    /^<svg [^>]*role="img"[^>]*><title>ROC of bottle<\/title><desc>One curve\.<\/desc>/,
  );
  ok(!svg.includes("<style"));
  equal("document" in globalThis, false);
});

Deno.test("rocPlot() escapes its title", () => {
  const svg = rocPlot([], { ...TEXT, title: "</title><script>" }).toString();
  match(svg, /<title>&lt;\/title&gt;&lt;script&gt;<\/title>/);
});

Deno.test("meanRoc() averages true positive rates at each false positive rate", () => {
  const step = { fpr: Float64Array.of(0, 0, 1), tpr: Float64Array.of(0, 1, 1) };
  const line = { fpr: Float64Array.of(0, 1), tpr: Float64Array.of(0, 1) };
  const { fpr, tpr } = meanRoc([step, line]);
  deepEqual([fpr[0], tpr[0]], [0, 0]);
  deepEqual([fpr[1], tpr[1]], [0, 0.5]);
  deepEqual([fpr[101], tpr[101]], [0.5, 0.75]);
  deepEqual([fpr.at(-1), tpr.at(-1)], [1, 1]);
});

Deno.test("meanRoc() of one curve is that curve", () => {
  const { fpr, tpr } = meanRoc([KINKED!]);
  fpr.forEach((x, i) => {
    const y = x <= 0.25 ? 3 * x : 0.75 + (x - 0.25) / 3;
    ok(Math.abs(tpr[i]! - y) < 1e-12, `${tpr[i]} at ${x}`);
  });
});
