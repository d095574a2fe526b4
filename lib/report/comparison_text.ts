/**
 * The comparison of two runs as plain text.
 *
 * @module
 */
import type { MetricDifference } from "../metrics/paired_bootstrap.ts";
import { METRIC_TITLES } from "../results/summary.ts";
import type { CategoryComparison, Comparison } from "./comparison.ts";
import { formatMetric, printable } from "./format.ts";
import { layOut } from "./table.ts";

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(100 * value).toFixed(1)}`;
}

function differenceCells(
  title: string,
  { values, difference, interval }: MetricDifference,
): string[] {
  return [
    title,
    ...values.map((value) => formatMetric(value, "-")),
    signed(difference),
    interval.map(signed).join(" to "),
  ];
}

function bareCells(
  title: string,
  [first, second]: readonly [number | null, number | null],
): string[] {
  return [
    title,
    formatMetric(first, "-"),
    formatMetric(second, "-"),
    first === null || second === null ? "-" : signed(second - first),
    "",
  ];
}

function categoryRows(name: string, found: CategoryComparison): string[][] {
  const { images, pixels, p_auroc, aupro } = found;
  const rows = [
    ...images === null ? [] : [
      differenceCells(METRIC_TITLES.i_auroc, images.auroc),
      differenceCells(METRIC_TITLES.i_ap, images.averagePrecision),
      differenceCells(METRIC_TITLES.i_f1max, images.f1Max),
    ],
    pixels?.auroc === undefined
      ? bareCells(METRIC_TITLES.p_auroc, p_auroc)
      : differenceCells(METRIC_TITLES.p_auroc, pixels.auroc),
    pixels?.aupro === undefined
      ? bareCells(METRIC_TITLES.aupro, aupro)
      : differenceCells(METRIC_TITLES.aupro, pixels.aupro),
  ];
  return rows.map((cells) => [printable(name), ...cells]);
}

/**
 * Renders a comparison as plain text, metrics times 100.
 *
 * @returns Lines, the last one with a line break.
 */
export function renderComparison(comparison: Comparison): string {
  const { models: [first, second], compared, unpaired } = comparison;
  const head = ["category", "metric", "A", "B", "B - A", "95 %"];
  const rows = Object.entries(comparison.categories)
    .flatMap(([name, found]) => categoryRows(name, found));
  const lines = [
    ...layOut([head, ...rows]),
    "",
    `A: ${printable(first)}; B: ${
      printable(second)
    }; ${compared} images in both`,
    "Intervals: images drawn anew, the same ones for both runs",
  ];
  if (unpaired.length > 0) {
    lines.push(
      `Images with a score in one run only, left out: ${unpaired.length}, such as ${
        printable(unpaired[0]!)
      }`,
    );
  }
  return `${lines.join("\n")}\n`;
}
