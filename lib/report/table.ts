/**
 * Tables as plain text and as Markdown.
 *
 * @module
 */
import { absenceLine, absences, coverageLines } from "./absent.ts";
import {
  formatInterval,
  formatMetric,
  goodLines,
  printable,
  scoreRule,
} from "./format.ts";
import { displayWidth, padLeft, padRight } from "./display_width.ts";
import { type ImageCounts, shownCounts, totalCounts } from "./counts.ts";
import {
  METRIC_TITLES,
  type MetricName,
  METRICS,
  type MetricValues,
  type Summary,
} from "../results/summary.ts";

function metricCells(metrics: MetricValues): string[] {
  return METRICS.map((metric) => formatMetric(metrics[metric], "-"));
}

/** Header, one row per category, and the mean; the last is always the mean. */
function tableCells(summary: Summary): string[][] {
  const shown = shownCounts(summary);
  const counts = (of: ImageCounts) => shown.map((count) => `${of[count]}`);
  return [
    [
      "category",
      ...METRICS.map((metric) => METRIC_TITLES[metric]),
      ...shown,
    ],
    ...Object.entries(summary.categories).map(([name, category]) => [
      printable(name),
      ...metricCells(category),
      ...counts(category),
    ]),
    ["mean", ...metricCells(summary.mean), ...counts(totalCounts(summary))],
  ];
}

function columnWidths(cells: readonly (readonly string[])[]): number[] {
  return cells[0]!.map((_, column) =>
    Math.max(...cells.map((row) => displayWidth(row[column]!)))
  );
}

/** Lays cells out as lines of plain text; the second line is a rule. */
export function layOut(cells: readonly (readonly string[])[]): string[] {
  const widths = columnWidths(cells);
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const lines = cells.map((row) => align(row, widths).join("  ").trimEnd());
  return [lines[0]!, rule, ...lines.slice(1)];
}

/** The first column to the left, numbers to the right. */
function align(row: readonly string[], widths: readonly number[]): string[] {
  return row.map((cell, column) =>
    column === 0
      ? padRight(cell, widths[column]!)
      : padLeft(cell, widths[column]!)
  );
}

/** Metrics whose intervals are printed; `summary.json` has all of them. */
const BESIDE: readonly MetricName[] = ["i_auroc", "p_auroc", "aupro"];

/** Intervals of the first metric of images, pixels and regions. */
function intervalLines(summary: Summary): string[] {
  const rows = Object.entries(summary.categories).map(([name, category]) => [
    printable(name),
    ...BESIDE.map((metric) => formatInterval(category.intervals[metric])),
  ]);
  const { mean_intervals: means = {} } = summary;
  if (rows.length > 1) {
    rows.push([
      "mean",
      ...BESIDE.map((metric) => formatInterval(means[metric])),
    ]);
  }
  const metrics = BESIDE.filter((_, i) =>
    rows.some((row) => row[i + 1] !== "")
  );
  if (metrics.length === 0) return [];
  const picked = [0, ...metrics.map((metric) => 1 + BESIDE.indexOf(metric))];
  const head = ["95 %", ...BESIDE.map((metric) => METRIC_TITLES[metric])];
  return [
    ...layOut([head, ...rows].map((row) => picked.map((i) => row[i]!))),
    "",
  ];
}

function notes(summary: Summary): string[] {
  return [
    ...goodLines(summary),
    ...absences(summary).map((absence) => absenceLine(absence, summary)),
    ...coverageLines(summary),
  ].map(printable);
}

/**
 * Renders the metrics of every category and their mean, times 100, with the
 * score rule, the smoothing and the reasons for absent metrics.
 *
 * @param summary The evaluation.
 * @returns Lines of plain text, the last one with a line break.
 */
export function renderTextTable(summary: Summary): string {
  const lines = layOut(tableCells(summary));
  return [
    ...lines.slice(0, -1),
    lines[1],
    lines.at(-1),
    "",
    ...intervalLines(summary),
    `Metrics x 100; ${scoreRule(summary)}`,
    ...notes(summary),
    "",
  ].join("\n");
}

/**
 * Escapes text for Markdown.
 *
 * @param text The text.
 * @returns Markdown that shows the text.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_[\]|~]/g, "\\$&");
}

/**
 * Lays out a table in Markdown, numbers to the right.
 *
 * @param cells Head and rows, already Markdown; the first column is text.
 * @returns Its lines.
 */
export function markdownLines(
  cells: readonly (readonly string[])[],
): string[] {
  const widths = columnWidths(cells);
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  const lines = cells.map((row) => `| ${align(row, widths).join(" | ")} |`);
  lines.splice(1, 0, `| ${rule.join(" | ")} |`);
  return lines;
}
