import assert from "node:assert/strict";
import { encodeFiguresCsv, runNotes } from "../../lib/results/figures_csv.ts";
import { VERSION } from "../../lib/version.ts";
import { categoryOf, summaryOf } from "../report/sample_report.ts";

const SUMMARY = summaryOf({
  "tile, blue": categoryOf(0.5, {
    intervals: { i_auroc: [0.25, 0.75] },
    kinds: { crack: { images: 2, i_auroc: 0.5, interval: [0.125, 1] } },
    aupro: null,
  }),
}, { prompts: { "tile, blue": "tile" }, smooth: 4 });

function linesOf(separator: "," | ";"): string[] {
  const bytes = encodeFiguresCsv(SUMMARY, separator);
  return new TextDecoder().decode(bytes).trimEnd().split("\r\n");
}

Deno.test("encodeFiguresCsv() writes a line for each category and kind of defect", () => {
  const [head, category, kind, ...more] = linesOf(",");
  assert.ok(head!.startsWith("category,defect,images,errors,good,defective"));
  assert.ok(category!.startsWith('"tile, blue",,4,0,2,2,0,2,0.5,0.25,0.75,'));
  assert.ok(category!.endsWith(`,nano,synthetic,"""tile""",4,${VERSION}`));
  assert.ok(kind!.startsWith('"tile, blue",crack,,,,2,,,0.5,0.125,1,,,'));
  assert.equal(more.length, 0);
});

Deno.test("encodeFiguresCsv() writes decimal commas between semicolons", () => {
  assert.ok(linesOf(";")[1]!.startsWith("tile, blue;;4;0;2;2;0;2;0,5;0,25;"));
});

Deno.test("runNotes() says what a run was made with", () => {
  assert.deepEqual(runNotes(SUMMARY), {
    model: "nano",
    data: "synthetic",
    prompts: '{"tile, blue":"tile"}',
    smooth: "4",
    version: VERSION,
  });
});
