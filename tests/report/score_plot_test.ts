import { deepEqual, equal, ok } from "node:assert/strict";
import { scorePlot, spreadPlot } from "../../lib/report/score_plot.ts";

const TEXT = { title: "Scores", description: "By label." };

/** Heights of the bars of one colour. */
function barHeights(svg: string, colour: string): number[] {
  const group = svg.split(`fill="${colour}"`)[1]?.split("</g>")[0] ?? "";
  return [...group.matchAll(/height="([\d.]+)"/g)].map(([, h]) => Number(h));
}

Deno.test("scorePlot() draws good images upwards and defective ones downwards", () => {
  const svg = scorePlot({
    good: [0, 0, 0, 1],
    defective: [2, 3],
    unlabelled: [],
  }, { threshold: 1.5, ...TEXT }).toString();
  const good = barHeights(svg, "var(--good)");
  const bad = barHeights(svg, "var(--bad)");
  deepEqual([good.length, bad.length], [2, 2]);
  ok(good[0]! > 2.8 * good[1]! && good[0]! < 3.2 * good[1]!);
  ok(Math.abs(bad[0]! - bad[1]!) < 1e-6);
  equal(svg.split("stroke-dasharray").length - 1, 1);
});

Deno.test("scorePlot() leaves out a threshold that is absent", () => {
  const scores = { good: [], defective: [], unlabelled: [1, 2] };
  const svg = scorePlot(scores, { threshold: null, ...TEXT }).toString();
  equal(svg.includes("stroke-dasharray"), false);
  equal(barHeights(svg, "var(--muted)").length, 2);
});

Deno.test("scorePlot() draws equal, infinite and no scores without NaN", () => {
  for (const good of [[], [1, 1], [-Infinity, 0, 1, Infinity], [Infinity]]) {
    const svg = scorePlot({ good, defective: [], unlabelled: [] }, {
      threshold: Infinity,
      ...TEXT,
    }).toString();
    equal(svg.includes("NaN"), false);
    equal(svg.includes("Infinity"), false);
  }
});

Deno.test("spreadPlot() draws a line, a thick line and a median for each label", () => {
  const svg = spreadPlot([
    {
      category: "bottle",
      scores: { good: [0, 1, 2], defective: [3, 4, 5], unlabelled: [] },
      threshold: 2.5,
    },
    {
      category: "</text><script>",
      scores: { good: [1], defective: [], unlabelled: [] },
      threshold: null,
    },
  ], TEXT).toString();
  equal(svg.split("<circle").length - 1, 3);
  equal(svg.includes("<script>"), false);
  ok(svg.includes("&lt;/text&gt;&lt;script&gt;"));
});

Deno.test("spreadPlot() keeps long names apart", () => {
  const scores = { good: [0], defective: [1], unlabelled: [] };
  const names = [
    "solar_cell_of_silicon_mono_front",
    "solar_cell_of_silicon_poly_front",
    "solar_cell_of_copper_poly_front",
  ];
  const svg = `${
    spreadPlot(
      names.map((category) => ({ category, scores, threshold: null })),
      { title: "Scores", description: "" },
    )
  }`;
  const shown = [...svg.matchAll(/>(solar[^<]*)</g)].map(([, name]) => name);
  equal(shown.length, 3);
  equal(new Set(shown).size, 3);
});
