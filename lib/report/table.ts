/**
 * Tables as plain text and as Markdown.
 *
 * @module
 */
import { absenceLine, absences, coverageLines } from "./absent.ts";
import { formatMetric, goodLines, printable, scoreRule } from "./format.ts";
import {
  METRIC_TITLES,
  METRICS,
  type MetricValues,
  type Summary,
} from "../results/summary.ts";

function metricCells(metrics: MetricValues): string[] {
  return METRICS.map((metric) => formatMetric(metrics[metric], "-"));
}

/** Header, one row per category, and the mean; the last is always the mean. */
function tableCells(summary: Summary): string[][] {
  const withErrors = summary.errors > 0;
  const counts = (of: { images: number; errors: number }) =>
    withErrors ? [`${of.images}`, `${of.errors}`] : [`${of.images}`];
  return [
    [
      "category",
      ...METRICS.map((metric) => METRIC_TITLES[metric]),
      ...(withErrors ? ["images", "errors"] : ["images"]),
    ],
    ...Object.entries(summary.categories).map(([name, category]) => [
      printable(name),
      ...metricCells(category),
      ...counts(category),
    ]),
    ["mean", ...metricCells(summary.mean), ...counts(summary)],
  ];
}

function columnWidths(cells: readonly (readonly string[])[]): number[] {
  return cells[0]!.map((_, column) =>
    Math.max(...cells.map((row) => row[column]!.length))
  );
}

/** The first column to the left, numbers to the right. */
function align(row: readonly string[], widths: readonly number[]): string[] {
  return row.map((cell, column) =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
  );
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
  const cells = tableCells(summary);
  const widths = columnWidths(cells);
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const lines = cells.map((row) => align(row, widths).join("  "));
  return [
    lines[0],
    rule,
    ...lines.slice(1, -1),
    rule,
    lines.at(-1),
    "",
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
