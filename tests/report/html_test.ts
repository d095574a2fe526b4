import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { DOMParser } from "linkedom";
import { Gallery } from "../../lib/results/gallery.ts";
import { renderReport, type ReportContent } from "../../lib/report/html.ts";
import {
  categoryOf,
  metricsOf,
  reportOf,
  rowOf,
  summaryOf,
} from "./sample_report.ts";

const ROWS = [
  rowOf("bottle/good/0.png", -2),
  rowOf("bottle/good/1.png", -0.5, { label: 1 }),
  rowOf("bottle/bad/0.png", 3),
  rowOf("cable/good/0.png", 1.25, { label: 0 }),
  rowOf("cable/bad/0.png", 2),
];

function pageOf(content: ReportContent) {
  return new DOMParser().parseFromString(renderReport(content), "text/html");
}

/** The texts of what a selector finds, white space collapsed. */
function textsOf(page: ReturnType<typeof pageOf>, selector: string): string[] {
  return [...page.querySelectorAll(selector)]
    .map(({ textContent }) => `${textContent}`.replace(/\s+/g, " ").trim());
}

Deno.test("renderReport() gives the same page for the same content", () => {
  equal(renderReport(reportOf(ROWS)), renderReport(reportOf(ROWS)));
});

Deno.test("renderReport() needs nothing from elsewhere", () => {
  const page = pageOf(reportOf(ROWS));
  deepEqual(textsOf(page, "link, iframe, object, embed, base"), []);
  for (const element of page.querySelectorAll("[src], [href]")) {
    const target = element.getAttribute("src") ?? element.getAttribute("href");
    match(`${target}`, /^(data:image\/(jpeg|png);base64,|#)/);
  }
  const policy = page.querySelector("meta[http-equiv]")?.getAttribute(
    "content",
  );
  match(`${policy}`, /^default-src 'none'; img-src data:; /);
  const style = `${page.querySelector("style")?.textContent}`;
  match(style, /\.tile \{/);
  equal(/url\(|@import/.test(style), false);
});

Deno.test("renderReport() allows no script but its own", () => {
  const text = renderReport(reportOf(ROWS));
  const script = text.split("<script>")[1]!.split("</script>")[0]!;
  equal(text.split("<script").length, 2);
  const hash = createHash("sha256").update(script).digest("base64");
  ok(text.includes(`script-src &#39;sha256-${hash}&#39;`));
});

Deno.test("renderReport() escapes every name and reason", () => {
  const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;`;
  const rows = [
    rowOf(`${evil}/bad.png`, 2, { category: evil }),
    rowOf(`${evil}/good.png`, -2, { category: evil }),
    rowOf(`${evil}/broken.png`, 0, {
      category: evil,
      score: null,
      score_logit: null,
      error: evil,
    }),
  ];
  const category = categoryOf(0.5, {
    errors: 1,
    masks_lost: 1,
    aupro: null,
    absent: { aupro: evil },
  });
  const summary = summaryOf({ [evil]: category, cable: categoryOf(1) }, {
    model: evil,
    data: evil,
    prompts: { [evil]: evil, cable: { normal: [evil], abnormal: [evil] } },
  });
  const content = reportOf(rows, { summary });
  const text = renderReport(content);
  equal(text.split(/<script/i).length, 2);
  equal(text.includes("<img src=x"), false);
  const page = pageOf(content);
  deepEqual(textsOf(page, "[onerror]"), []);
  equal(page.querySelector("h1")?.textContent, evil);
  equal(page.querySelector(".errors span")?.textContent, evil);
  equal(page.querySelector(".tile .key")?.textContent, `${evil}/bad.png`);
  equal(
    page.querySelector(".tile")?.getAttribute("data-key"),
    `${evil}/bad.png`,
  );
});

Deno.test("renderReport() copes with categories named like parts of objects", () => {
  const rows = ["__proto__", "constructor"].map((name) =>
    rowOf(`${name}/a.png`, 1)
  );
  const page = pageOf(reportOf(rows, { curves: {} }));
  deepEqual(textsOf(page, ".metrics tbody th"), ["__proto__", "constructor"]);
});

Deno.test("renderReport() shows metrics x 100 and the mean with what it counts", () => {
  const summary = summaryOf({
    bottle: categoryOf(0.75),
    cable: categoryOf(0.5, {
      aupro: null,
      absent: { aupro: "every mask is lost on resizing" },
    }),
  });
  const page = pageOf(reportOf(ROWS, { summary }));
  deepEqual(textsOf(page, ".card .value"), ["62.5", "62.5", "75.0"]);
  deepEqual(textsOf(page, ".card .over"), [
    "mean over 2 categories",
    "mean over 2 categories",
    "mean over 1 of 2 categories",
  ]);
  deepEqual(textsOf(page, ".metrics tbody tr:nth-child(2) td"), [
    ...Array(6).fill("50.0"),
    "–1",
    "50.0",
    "4",
  ]);
  const cell = page.querySelector(".metrics td[title]");
  equal(cell?.getAttribute("title"), "every mask is lost on resizing");
  deepEqual(textsOf(page, ".footnotes li"), [
    "AUPRO absent in cable: every mask is lost on resizing",
    "Mean of AUPRO over 1 of 2 categories",
  ]);
  deepEqual(textsOf(page, ".metrics caption"), [
    "Metrics × 100; S = maximum of the refined map; smoothing none",
  ]);
});

Deno.test("renderReport() shows data without labels without a decision", () => {
  const rows = [1, 2].map((score) =>
    rowOf(`object/${score}.png`, score, { label: null })
  );
  const summary = summaryOf({
    object: categoryOf(null, { absent: metricsOf("no image has a label") }),
  });
  const curves = { object: { image: null, pixel: null, threshold: null } };
  const page = pageOf(reportOf(rows, { summary, curves }));
  deepEqual(textsOf(page, ".card, .verdict, .pane.mask"), []);
  deepEqual(textsOf(page, ".metrics, .footnotes li"), []);
  deepEqual(textsOf(page, ".category summary small"), [
    "no labels, so no metrics",
  ]);
  deepEqual(textsOf(page, ".tile .key"), ["object/2.png", "object/1.png"]);
});

Deno.test("renderReport() says so where no region reaches the pixel threshold", () => {
  const region = {
    box: [0, 0, 2, 2],
    area: 4,
    peak: [1, 1],
    peak_logit: 1,
    centroid: [1, 1],
    polygon: [[0, 0], [2, 0], [2, 2]],
  } as const;
  const weak = { ...region, below_threshold: true } as const;
  const rows = [[region], [weak]].map((regions, i) =>
    rowOf(`object/${i}.png`, 3 - i, { is_anomalous: true, regions })
  );
  const page = pageOf(reportOf(rows));
  equal(page.querySelectorAll(".regions polygon").length, 2);
  equal(page.querySelectorAll(".regions .weak").length, 1);
  deepEqual(textsOf(page, ".tile .key").slice(2), [
    "No part reaches the pixel threshold; dashed: where the map is highest",
  ]);
});

Deno.test("renderReport() puts wrong decisions first in each category", () => {
  const page = pageOf(reportOf(ROWS));
  deepEqual(textsOf(page, ".group h3"), [
    "bottle all 3 images · threshold 0.00 · 1 wrong",
    "cable all 2 images · threshold 0.00 · 1 wrong",
  ]);
  deepEqual(textsOf(page, ".tile .about"), [
    "Defective Missed S 0.378 −0.50",
    "Defective Correct S 0.953 3.00",
    "Good Correct S 0.119 −2.00",
    "Good False alarm S 0.777 1.25",
    "Defective Correct S 0.881 2.00",
  ]);
  equal(
    textsOf(page, ".category > .note")[0],
    [
      "At the threshold 0.00 (S 0.500), 1 of 2 defective images are missed",
      "and 0 of 1 good images are false alarms.",
    ].join(" "),
  );
});

Deno.test("renderReport() says how many images the gallery leaves out", () => {
  const rows = Array.from({ length: 40 }, (_, i) => rowOf(`a/${i}.png`, i + 1));
  const page = pageOf(reportOf(rows));
  match(textsOf(page, ".group h3")[0]!, /^a 12 of 40 images · /);
  equal(page.querySelectorAll(".tile").length, 12);
});

Deno.test("renderReport() names pictures by their own type", () => {
  const page = pageOf(reportOf(ROWS));
  const types = [...page.querySelectorAll(".tile:first-child img")]
    .map((image) => `${image.getAttribute("src")}`.split(";")[0]);
  deepEqual(types.slice(0, 3), [
    "data:image/jpeg",
    "data:image/png",
    "data:image/png",
  ]);
});

Deno.test("renderReport() lists errors up to a bound and counts the rest", () => {
  const failed = Array.from({ length: 1203 }, (_, i) =>
    rowOf(`a/${i}.png`, 0, {
      score: null,
      score_logit: null,
      error: "Cannot decode the image as the file is empty",
    }));
  const page = pageOf(reportOf(failed));
  equal(page.querySelectorAll(".errors li").length, 200);
  deepEqual(textsOf(page, "#errors p"), [
    "1,203 images could not be scored and are not part of any metric.",
    "And 1,003 more, in scores.parquet.",
  ]);
  equal(pageOf(reportOf(ROWS)).querySelector("#errors"), null);
});

Deno.test("renderReport() shows the range of the heatmaps' colours", () => {
  const page = pageOf(
    reportOf(ROWS, { colours: { scale: "map", range: [0.1, 0.6] } }),
  );
  deepEqual(textsOf(page, ".scale span"), ["0.1", "0.6"]);
  match(
    `${page.querySelector(".scale i")?.getAttribute("style")}`,
    /^background: linear-gradient\(to right, rgb\(\d+ \d+ \d+\), /,
  );
});

Deno.test("renderReport() renders an evaluation of nothing", () => {
  const page = pageOf({
    summary: summaryOf({}),
    rows: [],
    curves: {},
    gallery: new Gallery(),
  });
  equal(page.querySelector("h1")?.textContent, "synthetic");
});
