import { deepEqual, equal, match, ok } from "node:assert/strict";
import { DOMParser } from "linkedom";
import { METRICS, type MetricValues } from "../../lib/results/summary.ts";
import {
  renderTrainingPage,
  type TrainingFacts,
} from "../../lib/report/training_page.ts";
import type { LogRow } from "../../lib/results/training_rows.ts";

const FACTS: TrainingFacts = {
  method: "APRIL-GAN",
  model: "nano",
  data: "<b>parts</b> & bits",
  images: 1234,
  evaluated: "held out",
};

function stepRow(step: number, mp = true): LogRow {
  const pass = { focal: 1 / step, dice: 0.5, bce: 0.7 };
  return {
    event: "step",
    epoch: Math.floor((step - 1) / 10),
    step,
    loss: 2 / step,
    coarse: mp ? pass : null,
    refined: pass,
    lr: 0.001,
    seconds: 36.5,
  };
}

function metrics(value: number | null): MetricValues {
  const entries = METRICS.map((name) => [name, value] as const);
  return Object.fromEntries(entries) as MetricValues;
}

function evalRow(step: number, value: number | null): LogRow {
  const mean = { ...metrics(value), p_auroc: null };
  const counted = metrics(1) as Extract<LogRow, { event: "eval" }>["counted"];
  const base = { event: "eval", epoch: 0, step, images: 9, errors: 0 } as const;
  return { ...base, seconds: 2, mean, counted };
}

function steps(count: number): LogRow[] {
  return Array.from({ length: count }, (_, i) => stepRow(i + 1));
}

function render(rows: readonly LogRow[], facts = FACTS) {
  const text = renderTrainingPage(facts, rows);
  const page = new DOMParser().parseFromString(text, "text/html");
  const titles = [...page.querySelectorAll("figcaption")]
    .map((caption) => caption.textContent);
  return { text, page, titles };
}

Deno.test("renderTrainingPage() shows losses, rate and evaluations", () => {
  const rows = [evalRow(0, 0.5), ...steps(20), evalRow(20, 0.75)];
  const { text, page, titles } = render(rows);
  deepEqual(titles, [
    "Loss",
    "Coarse pass",
    "Refined pass",
    "Evaluations",
    "Learning rate",
  ]);
  match(text, /&lt;b&gt;parts&lt;\/b&gt; &amp; bits/);
  ok(!text.includes("<b>parts"));
  const facts = [...page.querySelectorAll(".facts dd")]
    .map(({ textContent }) => textContent);
  deepEqual(facts, ["nano", "1,234", "held out", "20", "2", "12 min 10 s"]);
  const cells = [...page.querySelectorAll("tbody tr")].map((row) =>
    [...row.children].map(({ textContent }) => `${textContent}`.trim())
  );
  deepEqual(cells, [
    ["0", "50.0", "50.0", "50.0", "–", "50.0", "50.0", "50.0", "50.0"],
    ["20", "75.0", "75.0", "75.0", "–", "75.0", "75.0", "75.0", "75.0"],
  ]);
  match(text, /From 2\.000 to 0\.100\./);
});

Deno.test("renderTrainingPage() leaves out what a run does not have", () => {
  const rows = [stepRow(1, false), stepRow(2, false)];
  const { titles, page } = render(rows, { ...FACTS, evaluated: null });
  deepEqual(titles, ["Loss", "Refined pass", "Learning rate"]);
  equal(page.querySelector("#evaluations"), null);
  equal(page.querySelector("table"), null);
});

Deno.test("renderTrainingPage() draws a run that has no step yet", () => {
  const { titles, text } = render([evalRow(0, null)]);
  deepEqual(titles, ["Loss", "Evaluations", "Learning rate"]);
  match(text, /No step yet/);
});

Deno.test("renderTrainingPage() stays small however many steps there are", () => {
  const { text } = render(steps(20_000));
  ok(text.length < 120_000, `${text.length}`);
  ok(render(steps(200)).text.length < 60_000);
});

Deno.test("renderTrainingPage() fetches nothing and runs nothing", () => {
  const { text } = render(steps(3));
  match(text, /content="default-src &#39;none&#39;; style-src/);
  ok(!/<script|src=|url\(/.test(text));
});
