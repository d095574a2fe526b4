/**
 * The means of several models on the same images, as plain text.
 *
 * @module
 */
import { METRIC_TITLES, METRICS, type Summary } from "../results/summary.ts";
import { formatMetric, printable, scoreRule } from "./format.ts";
import { layOut } from "./table.ts";

/**
 * Renders one row of means for each model, times 100, and how each of them
 * scores images.
 *
 * @param summaries One evaluation for each model, on the same images.
 * @returns Lines of plain text, the last one with a line break.
 */
export function renderModelTable(summaries: readonly Summary[]): string {
  const rows = summaries.map(({ model, mean, errors }) => [
    printable(model),
    ...METRICS.map((metric) => formatMetric(mean[metric], "-")),
    `${errors}`,
  ]);
  const titles = METRICS.map((metric) => METRIC_TITLES[metric]);
  const lines = [
    ...layOut([["model", ...titles, "errors"], ...rows]),
    "",
    "Means over categories. Metrics of pixels are at each model's own resolution.",
    ...summaries.map((summary) =>
      printable(`${summary.model}: ${scoreRule(summary)}`)
    ),
  ];
  return `${lines.join("\n")}\n`;
}
