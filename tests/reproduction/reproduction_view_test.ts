import assert from "node:assert/strict";
import { DEFAULT_CONFIG } from "../../lib/methods/mfp_clip/config.ts";
import { renderMarkdown } from "../../lib/reproduction/render_markdown.ts";
import {
  type ReproductionSettings,
  reproductionView,
} from "../../lib/reproduction/reproduction_view.ts";
import { planTables } from "../../lib/reproduction/plan_tables.ts";
import type { RunOutcome } from "../../lib/reproduction/run_plan.ts";
import { METHOD_NAMES } from "../../lib/methods/methods.ts";
import { done, NO_RIVALS, outcomesOf } from "./_outcomes.ts";

const SOURCE = {
  name: "MVTec AD and VisA",
  isPapers: true,
  nameOf: (train: string) => train,
  refusal: () => undefined,
};

const PAPERS: ReproductionSettings = {
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
  const plan = planTables(DEFAULT_CONFIG, {
    tables,
    seeds,
    source: SOURCE,
    rivals: NO_RIVALS,
  });
  const outcomes = outcomesOf(
    plan,
    (variant, seed) => outcomeOf(variant, seed!),
  );
  return reproductionView(plan, outcomes, { ...PAPERS, seeds });
}

/** The texts of the measured I-AUROC, with change and note. */
function measured({ tables }: ReturnType<typeof viewOf>) {
  return tables[0]!.rows.map(({ cells }) => {
    const { text, change, note } = cells[1]!;
    return [text, change, note];
  });
}

Deno.test("reproductionView() gives mean, spread and change over seeds", () => {
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

Deno.test("reproductionView() writes as many decimals as the paper, and no spread of one", () => {
  const view = viewOf([4], [7], () => done(0.91234));
  assert.deepEqual(measured(view)[0], ["91.23", null, null]);
  assert.match(view.reading, /one run of seed 7 each/);
});

Deno.test("reproductionView() shows a dash with its reason for what was not measured", () => {
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
  assert.match(absent.tables[0]!.notes[0]!, /has no such metric$/);
});

Deno.test("reproductionView() says what differs from what the paper did", () => {
  assert.deepEqual(viewOf([1], [0], () => done(0.5)).differences, []);
  const plan = planTables(DEFAULT_CONFIG, {
    tables: [1],
    seeds: [0],
    source: SOURCE,
    rivals: NO_RIVALS,
  });
  const { differences } = reproductionView(plan, new Map(), {
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

Deno.test("renderMarkdown() lists runs and why some have no result", () => {
  const view = viewOf([2, 3], [0], (variant) => {
    if (variant === "no-mp") return { error: new Error("<script>x</script>") };
    return variant === "full" ? done(0.5, 3) : undefined;
  });
  const lines = renderMarkdown(view).split("\n");
  assert.equal(lines.filter((line) => /^## Table/.test(line)).length, 2);
  const row = lines.find((line) => line.startsWith("| visa-full-seed-0"))!;
  assert.deepEqual(row.split("|").slice(2, -1).map((cell) => cell.trim()), [
    ...["34", "12", "50.0", "50.0", "50.0"],
  ]);
  assert(lines.includes("- visa-no-mp-seed-0: &lt;script>x&lt;/script>"));
  assert(lines.includes("- visa-full-seed-0: 3 images without a score"));
  assert(lines.includes("- visa-no-sp-seed-0: not run yet"));
  assert.match(lines.join("\n"), /^- Runs done: 1 of \d+$/m);
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

Deno.test("renderMarkdown() puts the authors' numbers beside, and says how each run scores", () => {
  const plan = planTables(DEFAULT_CONFIG, {
    tables: [1],
    seeds: [0],
    source: SOURCE,
    rivals: { ...NO_RIVALS, methods: METHOD_NAMES },
  });
  const scoring = { score_rule: "probability of the class token", smooth: 4 };
  const found = done(0.5);
  assert("result" in found);
  const { steps, summary } = found.result;
  const result = { steps, summary: { ...summary, ...scoring } };
  const outcomes = new Map(
    plan.runs.map(({ name }) => [name, { result }] as const),
  );
  const lines = renderMarkdown(reproductionView(plan, outcomes, PAPERS))
    .split("\n");
  const cells = (start: string) =>
    lines.find((line) => line.startsWith(`| ${start}`))!
      .split("|").slice(2, -1).map((cell) => cell.trim());
  assert.deepEqual(cells("MVTec AD: APRIL-GAN"), [
    ...["82.3", "50.0", "86.1", "83.7", "50.0", "87.6"],
  ]);
  assert.deepEqual(cells("VisA: AdaCLIP"), [
    ...["85.8", "50.0", "85.8", "95.5", "50.0", "–"],
  ]);
  assert.deepEqual(cells("VisA: MFP-CLIP"), [
    ...["87.9", "50.0", "87.9", "96.0", "50.0", "96.0"],
  ]);
  assert.deepEqual(cells("ada-clip-on-visa").slice(-2), [
    ...["probability of the class token", "4"],
  ]);
  const text = lines.join("\n");
  assert.match(text, /^- Heads of other methods: as their authors published/m);
  assert.match(text, /^- APRIL-GAN: .* as AnomalyCLIP's Table 1 cites them$/m);
  assert.doesNotMatch(text, /no smoothing/);
});
