/**
 * A run of training as one HTML page.
 *
 * @module
 */
import { formatMetric, smoothingWords } from "./format.ts";
import { chart, type Swatch } from "./html_curves.ts";
import { html, Markup } from "./markup.ts";
import style from "./page.css" with { type: "text" };
import curvesStyle from "./page_curves.css" with { type: "text" };
import metricsStyle from "./page_metrics.css" with { type: "text" };
import { METRIC_TITLES, type MetricName, METRICS } from "../results/summary.ts";
import ownStyle from "./training_page.css" with { type: "text" };
import { type StepLine, stepPlot } from "./training_plot.ts";
import type {
  EvalRow,
  LogRow,
  PassLosses,
  StepRow,
} from "../results/training_rows.ts";

/** What a page shows of a run beside its log. */
export interface TrainingFacts {
  /** What texts call the method. */
  readonly method: string;
  /** Name of the model that training starts from. */
  readonly model: string;
  /** Name of the training set. */
  readonly data: string;
  /** Images of the training set. */
  readonly images: number;
  /** Name of the set that is evaluated on; null for none. */
  readonly evaluated: string | null;
  /**
   * Sigma of the Gaussian smoothing of maps in evaluations.
   *
   * @default {0}
   */
  readonly smooth?: number;
}

const STYLE = new Markup(
  [style, metricsStyle, curvesStyle, ownStyle].join("\n"),
);

const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const ABSENT = "–";

const COLOURS = {
  focal: "var(--good)",
  dice: "var(--bad)",
  bce: "var(--pixel)",
} as const;

/** The metrics drawn over steps; the table has all. */
const DRAWN: readonly (readonly [MetricName, colour: string])[] = [
  ["i_auroc", "var(--good)"],
  ["p_auroc", "var(--bad)"],
  ["aupro", "var(--pixel)"],
];

function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function header(facts: TrainingFacts, steps: readonly StepRow[]): Markup {
  const last = steps.at(-1);
  const seconds = steps.reduce((sum, row) => sum + row.seconds, 0);
  const entries: [string, string][] = [
    ["Model", facts.model],
    ["Images", facts.images.toLocaleString("en")],
    ["Evaluated on", facts.evaluated ?? "nothing"],
    ["Steps", (last?.step ?? 0).toLocaleString("en")],
    ["Epochs begun", `${last === undefined ? 0 : last.epoch + 1}`],
    ["Time in steps", clock(seconds)],
  ];
  const list = entries.map(([name, text]) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${text}</dd>
      </div>
    `
  );
  return html`
    <header>
      <p class="eyebrow">Training · ${facts.method}</p>
      <h1>${facts.data}</h1>
      <dl class="facts">${list}</dl>
    </header>
  `;
}

function lossChart(steps: readonly StepRow[]): Markup {
  const title = "Loss";
  const points = steps.map(({ step, loss }) => [step, loss] as const);
  const description = points.length === 0
    ? "No step yet."
    : `From ${points[0]![1].toFixed(3)} to ${points.at(-1)![1].toFixed(3)}.`;
  const svg = stepPlot([{ points, stroke: "var(--good)" }], {
    title,
    description,
    width: 580,
  });
  const legend: Swatch[] = [["loss", "Sum of the supervised passes"]];
  return html`<div class="wide">${chart(svg, { title, legend })}</div>`;
}

function passChart(
  title: string,
  rows: readonly (readonly [step: number, losses: PassLosses])[],
): Markup | null {
  if (rows.length === 0) return null;
  const kinds = ["focal", "dice", "bce"] as const;
  const lines = kinds.map((kind): StepLine => ({
    points: rows.map(([step, losses]) => [step, losses[kind]]),
    stroke: COLOURS[kind],
  }));
  const description = "Focal loss, dice loss and cross-entropy of the score.";
  return chart(stepPlot(lines, { title, description }), {
    title,
    legend: [["focal", "Focal"], ["dice", "Dice"], ["bce", "Score"]],
  });
}

function rateChart(steps: readonly StepRow[]): Markup {
  const title = "Learning rate";
  const points = steps.map(({ step, lr }) => [step, lr] as const);
  const svg = stepPlot([{ points, stroke: "var(--image)" }], {
    title,
    description: "The learning rate of each step.",
  });
  return chart(svg, { title, legend: [["image", "Learning rate"]] });
}

function evalChart(evals: readonly EvalRow[]): Markup | null {
  if (evals.length === 0) return null;
  const title = "Evaluations";
  const lines = DRAWN.map(([metric, stroke]): StepLine => ({
    points: evals.flatMap(({ step, mean }) => {
      const value = mean[metric];
      return value === null ? [] : [[step, 100 * value] as const];
    }),
    stroke,
    marked: true,
  }));
  const legend = DRAWN.map(([name]): Swatch => [name, METRIC_TITLES[name]]);
  const description = "Means over categories, times 100, over steps.";
  const svg = stepPlot(lines, { title, description, width: 580 });
  return html`<div class="wide">${chart(svg, { title, legend })}</div>`;
}

function evalTable(
  evals: readonly EvalRow[],
  { smooth = 0 }: TrainingFacts,
): Markup {
  const names = ["Step", ...METRICS.map((name) => METRIC_TITLES[name])];
  const heads = names.map((name) => html`<th scope="col">${name}</th>`);
  const rows = evals.map(({ step, mean }) =>
    html`
      <tr>
        <th scope="row">${step.toLocaleString("en")}</th>
        ${METRICS.map((name) =>
          html`
            <td data-name="${METRIC_TITLES[name]}">
              ${formatMetric(mean[name], ABSENT)}</td>
          `
        )}
      </tr>
    `
  );
  return html`
    <table class="metrics">
      <caption>Metrics × 100, means over categories; ${smoothingWords({
        smooth,
      })}</caption>
      <thead>
        <tr>${heads}</tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
}

function evalSection(
  evals: readonly EvalRow[],
  facts: TrainingFacts,
): Markup | null {
  if (evals.length === 0) return null;
  return html`
    <section id="evaluations">
      <h2>Evaluations</h2>
      ${evalTable(evals, facts)}
    </section>
  `;
}

/**
 * Renders a run as one page that needs no other file, no network and no script.
 * It shows losses, learning rate and evaluations.
 *
 * @param facts The model and the data sets.
 * @param rows The log.
 * @returns The page.
 */
export function renderTrainingPage(
  facts: TrainingFacts,
  rows: readonly LogRow[],
): string {
  const steps = rows.filter((row) => row.event === "step");
  const evals = rows.filter((row) => row.event === "eval");
  const lossesOf = (pass: "coarse" | "refined") =>
    steps.flatMap((row) => {
      const losses = row[pass];
      return losses === null ? [] : [[row.step, losses] as const];
    });
  const head = html`
    <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="${POLICY}">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>${facts.data} · ${facts.model} · training</title>
      <style>${STYLE}</style>
    </head>
  `;
  const body = html`
    <body>
      <main>
        ${header(facts, steps)}
        <section id="curves">
          <h2>Curves</h2>
          <div class="charts">
            ${lossChart(steps)}
            ${passChart("Coarse pass", lossesOf("coarse"))}
            ${passChart("Refined pass", lossesOf("refined"))}
            ${evalChart(evals)} ${rateChart(steps)}
          </div>
        </section>
        ${evalSection(evals, facts)}
      </main>
    </body>
  `;
  return `<!doctype html>\n<html lang="en">${head}${body}</html>\n`;
}
