/**
 * What stands behind the metrics of a report: numbers of images, intervals, and
 * kinds of defects.
 *
 * @module
 */
import { type CountName, shownCounts } from "./counts.ts";
import { formatInterval, formatMetric } from "./format.ts";
import { html, type Markup } from "./markup.ts";
import {
  METRIC_TITLES,
  type MetricName,
  METRICS,
  type Summary,
} from "../results/summary.ts";

const ABSENT = "–";

const COUNT_TITLES: Readonly<Record<CountName, string>> = {
  images: "Images",
  errors: "Without a score",
  good: "Good",
  defective: "Defective",
  unlabelled: "No label",
  masks: "Masks",
};

/** A row of a table: its name, then its cells. */
type Row = readonly [name: string, ...cells: readonly string[]];

function table(caption: string, head: Row, rows: readonly Row[]): Markup {
  const [, ...titles] = head;
  const body = rows.map(([name, ...cells]) => {
    const data = cells.map((cell, i) =>
      html`<td data-name="${titles[i]!}">${cell}</td>`
    );
    return html`<tr><th scope="row">${name}</th>${data}</tr>`;
  });
  const heads = head.map((title) => html`<th scope="col">${title}</th>`);
  return html`
    <table class="spread">
      <caption>${caption}</caption>
      <thead>
        <tr>${heads}</tr>
      </thead>
      <tbody>${body}</tbody>
    </table>
  `;
}

function countTable(summary: Summary): Markup {
  const shown = shownCounts(summary);
  const rows = Object.entries(summary.categories).map(
    ([name, category]): Row => [
      name,
      ...shown.map((count) => category[count].toLocaleString("en")),
    ],
  );
  const titles = shown.map((count) => COUNT_TITLES[count]);
  return table("Images with a score, and masks that entered pixel metrics", [
    "Category",
    ...titles,
  ], rows);
}

function intervalTable(summary: Summary): Markup | null {
  const categories = Object.entries(summary.categories);
  const has = (metric: MetricName) =>
    categories.some(([, { intervals }]) => intervals[metric] !== undefined);
  const metrics = METRICS.filter(has);
  if (metrics.length === 0) return null;
  const named = categories.map(([name, { intervals }]) =>
    [name, intervals] as const
  );
  const means = [["Mean", summary.mean_intervals ?? {}]] as const;
  const rows = [...named, ...categories.length > 1 ? means : []].map(
    ([name, intervals]): Row => [
      name,
      ...metrics.map((metric) => formatInterval(intervals[metric]) || ABSENT),
    ],
  );
  return table(
    "95 % intervals × 100, from a bootstrap over images: where the metric may lie for other images of the same kind",
    ["Category", ...metrics.map((metric) => METRIC_TITLES[metric])],
    rows,
  );
}

function kindTable(summary: Summary): Markup | null {
  const rows = Object.entries(summary.categories).flatMap(
    ([category, { kinds = {} }]) =>
      Object.entries(kinds).map((
        [kind, { images, i_auroc, interval, p_auroc = null, aupro = null }],
      ): Row => [
        `${category}: ${kind}`,
        images.toLocaleString("en"),
        formatMetric(i_auroc, ABSENT),
        formatInterval(interval) || ABSENT,
        formatMetric(p_auroc, ABSENT),
        formatMetric(aupro, ABSENT),
      ]),
  );
  if (rows.length === 0) return null;
  const head: Row = [
    "Kind of defect",
    "Images",
    METRIC_TITLES.i_auroc,
    "95 % interval",
    METRIC_TITLES.p_auroc,
    METRIC_TITLES.aupro,
  ];
  return table("Each kind of defect against all good images", head, rows);
}

/**
 * Numbers of images, intervals of metrics, and metrics by kind of defect.
 *
 * @param summary The evaluation.
 * @returns A section.
 */
export function spreadSection(summary: Summary): Markup {
  return html`
    <section id="spread">
      <h2>Behind the metrics</h2>
      ${countTable(summary)} ${intervalTable(summary)} ${kindTable(summary)}
    </section>
  `;
}
