/**
 * The plots of a report.
 *
 * @module
 */
import type { RocCurve } from "../metrics/roc_curve.ts";
import { type CategoryScores, countWrong } from "../results/decision.ts";
import { formatLogit, formatMetric } from "./format.ts";
import { html, Markup } from "./markup.ts";
import { meanRoc, type RocLine, rocPlot } from "./roc_plot.ts";
import { scorePlot, spreadPlot } from "./score_plot.ts";
import type { CategorySummary } from "../results/summary.ts";

/** One category of a report. */
export interface Detail {
  /** Name of the category. */
  readonly category: string;
  /** Its counts and metrics. */
  readonly summary: CategorySummary;
  /** Its scores by label. */
  readonly scores: CategoryScores;
  /** ROC of images; null if it cannot be computed. */
  readonly image: RocCurve | null;
  /** ROC of pixels; null if it cannot be computed. */
  readonly pixel: RocCurve | null;
  /** Least `score_logit` called defective; null for none. */
  readonly threshold: number | null;
}

/** Whether an image of a category has a label. */
export function hasLabels({ scores: { good, defective } }: Detail): boolean {
  return good.length + defective.length > 0;
}

/** More categories than this are folded. */
const UNFOLDED = 6;

const ABSENT = "–";

/** One entry of a legend: class of the swatch, and its meaning. */
export type Swatch = readonly [kind: string, text: string];

/** The texts around a plot. */
export interface ChartOptions {
  /** Above it. */
  readonly title: string;
  /** Below it. */
  readonly legend: readonly Swatch[];
  /** Below that. */
  readonly note?: string;
}

/** A plot with its title and its legend. */
export function chart(
  svg: Markup,
  { title, legend, note }: ChartOptions,
): Markup {
  const swatches = legend.map(([kind, text]) =>
    html`<li><i class="${kind}"></i>${text}</li>`
  );
  return html`
    <figure class="chart">
      <figcaption>${title}</figcaption>
      ${svg}
      <ul class="legend">${swatches}</ul>
      ${note === undefined ? null : html`<p class="note">${note}</p>`}
    </figure>
  `;
}

function allRocs(
  details: readonly Detail[],
  level: "image" | "pixel",
): Markup | null {
  const curves = details.map((detail) => detail[level])
    .filter((curve) => curve !== null);
  if (curves.length === 0) return null;
  const stroke = `var(--${level})`;
  const lines: RocLine[] = curves.map((curve) => ({
    curve,
    stroke: `color-mix(in srgb, ${stroke} 28%, transparent)`,
    width: 1,
  }));
  lines.push({ curve: meanRoc(curves), stroke, width: 2.25 });
  const title = level === "image" ? "ROC of images" : "ROC of pixels";
  const description =
    `One thin curve for each of ${curves.length} categories and their mean.`;
  return chart(rocPlot(lines, { title, description }), {
    title,
    legend: [[level, "Mean"], [`${level} thin`, "Categories"]],
  });
}

/** The legend of plots of scores, without labels that do not occur. */
function scoreLegend(details: readonly Detail[]): Swatch[] {
  const has = (label: keyof CategoryScores) =>
    details.some(({ scores }) => scores[label].length > 0);
  const legend: Swatch[] = [];
  if (has("good")) legend.push(["good", "Good"]);
  if (has("defective")) legend.push(["bad", "Defective"]);
  if (has("unlabelled")) legend.push(["unlabelled", "No label"]);
  if (details.some(({ threshold }) => threshold !== null)) {
    legend.push(["threshold", "Threshold"]);
  }
  return legend;
}

/**
 * Plots over the whole data set. A single category has none, because its own
 * plots show the same.
 *
 * @param details The categories.
 * @returns A section or null.
 */
export function dataSetCurves(details: readonly Detail[]): Markup | null {
  if (details.length < 2) return null;
  const title = "Scores by category";
  const description =
    "For each category the spread of score_logit by label, and the threshold.";
  const spread = chart(spreadPlot(details, { title, description }), {
    title,
    legend: scoreLegend(details),
    note:
      "Thin line: 5 to 95 % of the images. Thick line: the middle half. Dot: the median. Scores can be compared within a category, not between categories.",
  });
  return html`
    <section id="curves">
      <h2>Curves</h2>
      <div class="charts">
        ${allRocs(details, "image")} ${allRocs(details, "pixel")}
        <div class="wide">${spread}</div>
      </div>
    </section>
  `;
}

function rocChart(detail: Detail): Markup | null {
  const { category, image, pixel, summary } = detail;
  const lines: RocLine[] = [];
  const legend: Swatch[] = [];
  if (image !== null) {
    lines.push({ curve: image, stroke: "var(--image)", width: 1.75 });
    legend.push(["image", `Images ${formatMetric(summary.i_auroc, ABSENT)}`]);
  }
  if (pixel !== null) {
    lines.push({ curve: pixel, stroke: "var(--pixel)", width: 1.75 });
    legend.push(["pixel", `Pixels ${formatMetric(summary.p_auroc, ABSENT)}`]);
  }
  if (lines.length === 0) return null;
  const areas = legend.map(([, text]) => text).join(", ");
  const description = `Area under the curve times 100: ${areas}.`;
  const svg = rocPlot(lines, { title: `ROC of ${category}`, description });
  return chart(svg, { title: "ROC", legend });
}

function scoreChart(detail: Detail): Markup {
  const { category, scores, threshold } = detail;
  const svg = scorePlot(scores, {
    threshold,
    title: `Scores of ${category}`,
    description:
      `Good images upwards (${scores.good.length}), defective ones downwards (${scores.defective.length}), each as shares of their own number.`,
  });
  return chart(svg, { title: "Scores", legend: scoreLegend([detail]) });
}

function decisionNote({ scores, threshold, summary }: Detail): Markup {
  if (threshold === null && summary.warnings?.includes("all_defective")) {
    return html`
      <p class="note">No threshold, because that of highest F1 calls all good
        images defective.</p>
    `;
  }
  if (threshold === null) {
    return html`
      <p class="note">No threshold, because it needs images of both labels.</p>
    `;
  }
  const { good, defective, unlabelled } = scores;
  if (good.length + defective.length === 0) {
    let reached = 0;
    for (const score of unlabelled) if (score >= threshold) reached++;
    return html`
      <p class="note"><b>${reached}</b> of ${unlabelled.length} images reach the
        threshold ${formatLogit(threshold)}.</p>
    `;
  }
  const { missed, falseAlarms } = countWrong(scores, threshold);
  const score = (1 / (1 + Math.exp(-threshold))).toFixed(3);
  return html`
    <p class="note">At the threshold ${formatLogit(threshold)} (S ${score}),
      <b>${missed}</b> of ${scores.defective
        .length} defective images are missed and
      <b>${falseAlarms}</b> of ${scores.good
        .length} good images are false alarms.</p>
  `;
}

function categoryCard(detail: Detail, open: boolean): Markup {
  const { category, summary } = detail;
  const image = formatMetric(summary.i_auroc, ABSENT);
  const pixel = formatMetric(summary.p_auroc, ABSENT);
  const metrics = hasLabels(detail)
    ? `I-AUROC ${image} · P-AUROC ${pixel}`
    : "no labels, so no metrics";
  return html`
    <details class="category" ${open ? new Markup("open") : null}>
      <summary>
        <span>${category}</span>
        <small>${metrics}</small>
      </summary>
      <div class="charts pair">${rocChart(detail)}${scoreChart(detail)}</div>
      ${decisionNote(detail)}
    </details>
  `;
}

/**
 * ROC and score distribution of each category.
 *
 * @param details The categories.
 * @returns A section.
 */
export function categoryCurves(details: readonly Detail[]): Markup {
  const open = details.length <= UNFOLDED;
  const cards = details.map((detail) => categoryCard(detail, open));
  return html`
    <section id="categories">
      <h2>By category</h2>
      <div class="categories">${cards}</div>
    </section>
  `;
}
