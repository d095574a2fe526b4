import { deepEqual, equal, match } from "node:assert/strict";
import {
  escapeMarkdown,
  markdownLines,
  renderTextTable,
} from "../../lib/report/table.ts";
import { categoryOf, metricsOf, summaryOf } from "./sample_report.ts";

const SUMMARY = summaryOf({
  bottle: categoryOf(0.98765, { images: 83, i_ap: 1 }),
  metal_nut: categoryOf(0.5, {
    images: 115,
    errors: 2,
    masks_missing: 1,
    masks_lost: 3,
    aupro: null,
    aupro_200: null,
    absent: {
      aupro: "every mask is lost on resizing",
      aupro_200: "every mask is lost on resizing",
    },
  }),
  wood: categoryOf(null, {
    absent: metricsOf("no image is defective"),
  }),
});

Deno.test("renderTextTable() prints metrics x 100, the mean, the rule and the reasons", () => {
  equal(
    renderTextTable(SUMMARY),
    `\
category   I-AUROC   I-AP  I-F1max  P-AUROC  P-AP  P-F1max  AUPRO  AUPRO-200  images  errors  good  defective  masks
---------  -------  -----  -------  -------  ----  -------  -----  ---------  ------  ------  ----  ---------  -----
bottle        98.8  100.0     98.8     98.8  98.8     98.8   98.8       98.8      83       0     2          2      2
metal_nut     50.0   50.0     50.0     50.0  50.0     50.0      -          -     115       2     2          2      2
wood             -      -        -        -     -        -      -          -       4       0     2          2      2
---------  -------  -----  -------  -------  ----  -------  -----  ---------  ------  ------  ----  ---------  -----
mean          74.4   75.0     74.4     74.4  74.4     74.4   98.8       98.8     202       2     6          6      6

Metrics x 100; S = maximum of the refined map; smoothing none
AUPRO, AUPRO-200 absent in metal_nut: every mask is lost on resizing
All metrics absent in wood: no image is defective
Mean of I-AUROC, I-AP, I-F1max, P-AUROC, P-AP, P-F1max over 2 of 3 categories
Mean of AUPRO, AUPRO-200 over 1 of 3 categories
Defective without a mask in metal_nut, left out of pixel metrics: 1
Masks lost on resizing in metal_nut: 3
`,
  );
});

Deno.test("renderTextTable() leaves out the errors when there are none and states the sigma", () => {
  equal(
    renderTextTable(summaryOf({ "01": categoryOf(0.5) }, { smooth: 4 })),
    `\
category  I-AUROC  I-AP  I-F1max  P-AUROC  P-AP  P-F1max  AUPRO  AUPRO-200  images  good  defective  masks
--------  -------  ----  -------  -------  ----  -------  -----  ---------  ------  ----  ---------  -----
01           50.0  50.0     50.0     50.0  50.0     50.0   50.0       50.0       4     2          2      2
--------  -------  ----  -------  -------  ----  -------  -----  ---------  ------  ----  ---------  -----
mean         50.0  50.0     50.0     50.0  50.0     50.0   50.0       50.0       4     2          2      2

Metrics x 100; S = maximum of the refined map; smoothing sigma 4
`,
  );
});

Deno.test("renderTextTable() says a reason shared by all categories once", () => {
  const absent = categoryOf(null, {
    absent: metricsOf("no image has a label"),
  });
  match(
    renderTextTable(summaryOf({ bottle: absent, cable: absent })),
    /\nAll metrics absent in all categories: no image has a label\n$/,
  );
});

Deno.test("renderTextTable() keeps control characters of names from the terminal", () => {
  const table = renderTextTable(
    summaryOf({ "\x1b[31mred\nrow\u202E": categoryOf(0.5) }),
  );
  match(table, /^\uFFFD\[31mred\uFFFDrow\uFFFD +50\.0/m);
});

Deno.test("markdownLines() aligns numbers to the right, and escapeMarkdown() keeps names as they are", () => {
  const cells = [["category", "I-AUROC"], [escapeMarkdown("a|b<c>_d"), "25.0"]];
  equal(
    markdownLines(cells).join("\n"),
    `\
| category      | I-AUROC |
| ------------- | ------: |
| a\\|b&lt;c>\\_d |    25.0 |`,
  );
});

Deno.test("renderTextTable() prints intervals below", () => {
  const bottle = categoryOf(0.75, {
    intervals: { i_auroc: [0.5, 0.9], i_ap: [0.5, 0.8], aupro: [0.7, 0.75] },
  });
  const lines = renderTextTable(summaryOf({ bottle })).split("\n");
  deepEqual(lines.slice(6, 10), [
    "95 %         I-AUROC         AUPRO",
    "------  ------------  ------------",
    "bottle  50.0 to 90.0  70.0 to 75.0",
    "",
  ]);
});

Deno.test("renderTextTable() warns of metrics that say nothing", () => {
  const tile = categoryOf(0.45, {
    good: 58,
    intervals: { i_auroc: [0.31, 0.61] },
    warnings: ["all_defective", "chance"],
  });
  const table = renderTextTable(summaryOf({ tile }));
  match(table, /\nWarning: .* calls all 58 good images of tile defective/);
  match(table, /\nWarning: .*chance: I-AUROC 45.0, 95 % interval 31.0 to 61.0/);
});

Deno.test("renderTextTable() keeps columns in line below wide names", () => {
  const lines = renderTextTable(
    summaryOf({ "磁砖": categoryOf(0.5), "bottle": categoryOf(0.5) }),
  ).split("\n");
  equal(lines[2], lines[3]!.replace("bottle", "磁砖  "));
});

Deno.test("renderTextTable() states the score rule of the method", () => {
  const score_rule = "probability of the class token";
  const summary = summaryOf({ "01": categoryOf(0.5) }, { score_rule });
  const text = renderTextTable({ ...summary, smooth: 4 });
  match(text, /S = probability of the class token; smoothing sigma 4/);
});
