import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { DEFAULT_CONFIG } from "../../lib/methods/mfp_clip/config.ts";
import { renderMarkdown } from "../../lib/reproduction/markdown.ts";
import { renderPage } from "../../lib/reproduction/page.ts";
import {
  type PageSettings,
  pageView,
} from "../../lib/reproduction/page_view.ts";
import { planTables } from "../../lib/reproduction/plan_tables.ts";
import type { RunOutcome } from "../../lib/reproduction/run_plan.ts";
import { done, outcomesOf } from "./_outcomes.ts";

const SOURCE = {
  name: "MVTec AD and VisA",
  isPapers: true,
  nameOf: (train: string) => train,
  refusal: () => undefined,
};

const PAPERS: PageSettings = {
  title: "Tables",
  model: "vit-l-14-336",
  source: SOURCE,
  seeds: [0],
  epochs: 100,
  maxSteps: Infinity,
  limit: Infinity,
};

function viewOf(
  tables: readonly number[],
  seeds: readonly number[],
  outcomeOf: (variant: string, seed: number) => RunOutcome | undefined,
) {
  const plan = planTables(DEFAULT_CONFIG, { tables, seeds, source: SOURCE });
  const outcomes = outcomesOf(plan, outcomeOf);
  return pageView(plan, outcomes, { ...PAPERS, seeds });
}

/** The texts of the measured I-AUROC, with change and note. */
function measured({ tables }: ReturnType<typeof viewOf>) {
  return tables[0]!.rows.map(({ cells }) => {
    const { text, change, note } = cells[1]!;
    return [text, change, note];
  });
}

Deno.test("pageView() gives mean, spread and change over seeds", () => {
  const values: Record<string, number[]> = {
    "mpfa-1": [0.8, 0.9, 1],
    full: [0.7, 0.9, 0.8],
    "mpfa-5": [0.7, 0.9, 0.8],
  };
  const view = viewOf(
    [3],
    [0, 1, 2],
    (variant, seed) => done(values[variant]![seed]!),
  );
  assert.deepEqual(measured(view), [
    ["90.0 ± 10.0", "+10.0 ± 10.0", null],
    ["80.0 ± 10.0", null, null],
    ["80.0 ± 10.0", "0.0 ± 0.0", null],
  ]);
  assert.deepEqual(
    view.tables[0]!.rows.map(({ cells }) => [cells[2]!.text, cells[2]!.change]),
    [["91.1", "−1.0"], ["92.1", null], ["91.7", "−0.4"]],
  );
  assert.match(view.reading, /3 seeds of training \(0, 1, 2\)$/);
});

Deno.test("pageView() writes as many decimals as the paper, and no spread of one", () => {
  const view = viewOf([4], [7], () => done(0.91234));
  assert.deepEqual(measured(view)[0], ["91.23", null, null]);
  assert.match(view.reading, /one run of seed 7 each/);
});

Deno.test("pageView() shows a dash with its reason for what was not measured", () => {
  const view = viewOf([3], [0, 1], (variant, seed) => {
    if (variant === "mpfa-5") return undefined;
    if (variant === "mpfa-1") return { error: new Error("Cannot go on") };
    return seed === 0 ? done(0.5) : { error: new Error("Cannot <b>") };
  });
  assert.deepEqual(measured(view), [
    ["–", null, 1],
    ["50.0", null, 2],
    ["–", null, 3],
  ]);
  assert.deepEqual(view.tables[0]!.notes, [
    "Cannot go on",
    "without seed 1: Cannot <b>",
    "not run yet",
  ]);
  assert.deepEqual(view.facts.at(-1), ["Runs done", "1 of 6"]);
  const absent = viewOf([3], [0], () => done(null));
  assert.deepEqual(measured(absent)[0], ["–", null, 1]);
  assert.match(absent.tables[0]!.notes[0]!, /has no such figure$/);
});

Deno.test("pageView() says what differs from what the paper did", () => {
  assert.deepEqual(viewOf([1], [0], () => done(0.5)).differences, []);
  const plan = planTables(DEFAULT_CONFIG, {
    ...{ tables: [1], seeds: [0], source: SOURCE },
  });
  const { differences } = pageView(plan, new Map(), {
    ...PAPERS,
    model: "nano",
    source: { name: "synthetic set", isPapers: false },
    maxSteps: 60,
    limit: 8,
  });
  assert.equal(differences.length, 4);
  assert.match(differences[0]!, /the synthetic set: .* not for comparison$/);
  assert.match(differences[1]!, /model is nano/);
  assert.match(differences[2]!, /100 epochs, at most 60 steps/);
  assert.match(differences[3]!, /^Only 8 images/);
});

Deno.test("renderPage() needs no script, and links to reports of runs that are done", () => {
  const view = viewOf([2, 3], [0], (variant) => {
    if (variant === "no-mp") return { error: new Error("<script>x</script>") };
    return variant === "full" ? done(0.5, 3) : undefined;
  });
  const text = renderPage(view);
  const page = new DOMParser().parseFromString(text, "text/html");
  assert.equal(page.querySelectorAll("script, img, link").length, 0);
  const policy = page.querySelector("meta[http-equiv]")!.getAttribute(
    "content",
  );
  assert.match(`${policy}`, /^default-src 'none'/);
  const links = [...page.querySelectorAll("a")]
    .map((link) => link.getAttribute("href"));
  assert.deepEqual(links, ["runs/visa-full-seed-0/results/report.html"]);
  assert.equal(page.querySelectorAll("table").length, 3);
  const row = page.querySelector("#table-2 tbody tr")!;
  assert.match(
    row.querySelector("th")!.getAttribute("title")!,
    /^Table 2, row/,
  );
  const errors = [...page.querySelectorAll(".errors li")]
    .map((item) => item.textContent);
  assert.equal(errors[0], "visa-no-mp-seed-0<script>x</script>");
  assert(errors.includes("visa-full-seed-03 images without a score"));
  assert(errors.includes("visa-no-sp-seed-0not run yet"));
});

Deno.test("renderMarkdown() holds the same tables", () => {
  const view = viewOf(
    [2],
    [0],
    (variant) =>
      variant === "no-mp" ? { error: new Error("a|b <i>") } : done(0.5),
  );
  const lines = renderMarkdown(view).split("\n");
  const row = (label: string) =>
    lines.find((line) => line.startsWith(`| ${label}`))!
      .split("|").slice(1, -1).map((cell) => cell.trim());
  assert.deepEqual(row("without MP"), [
    ...["without MP", "91.1 (−1.1)", "–<sup>1</sup>"],
    ...["90.8 (−1.3)", "–<sup>1</sup>"],
  ]);
  assert.deepEqual(row("without SP").slice(0, 3), [
    ...["without SP", "90.2 (−2.0)", "50.0 (0.0)"],
  ]);
  assert(lines.includes("1. a\\|b &lt;i>"));
  assert.equal(lines.at(-1), "");
  assert.notEqual(lines.at(-2), "");
});
