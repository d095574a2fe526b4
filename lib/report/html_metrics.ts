/**
 * The metrics of a report: headline and table.
 *
 * @module
 */
import { absenceLine, absences, coverageLines } from "./absent.ts";
import { formatMetric, scoreRule } from "./format.ts";
import { html, type Markup } from "./markup.ts";
import {
  type CategorySummary,
  METRIC_TITLES,
  type MetricName,
  METRICS,
  type Summary,
} from "../results/summary.ts";

const ABSENT = "–";

/** Metrics of images, pixels and regions; the first of each is drawn large. */
const LEVELS: readonly (readonly [first: MetricName, ...rest: MetricName[]])[] =
  [
    ["i_auroc", "i_ap", "i_f1max"],
    ["p_auroc", "p_ap", "p_f1max"],
    ["aupro", "aupro_200"],
  ];

function countedOver(summary: Summary, metric: MetricName): string {
  const count = summary.counted[metric];
  const total = Object.keys(summary.categories).length;
  if (count === 0) return "not available";
  if (total === 1) return "one category";
  return count === total
    ? `mean over ${total} categories`
    : `mean over ${count} of ${total} categories`;
}

function card(
  summary: Summary,
  [first, ...rest]: readonly [MetricName, ...MetricName[]],
): Markup {
  const others = rest.map((metric) =>
    html`
      <div>
        <dt>${METRIC_TITLES[metric]}</dt>
        <dd>${formatMetric(summary.mean[metric], ABSENT)}</dd>
      </div>
    `
  );
  return html`
    <div class="card">
      <p class="name">${METRIC_TITLES[first]}</p>
      <p class="value">${formatMetric(summary.mean[first], ABSENT)}</p>
      <p class="over">${countedOver(summary, first)}</p>
      <dl>${others}</dl>
    </div>
  `;
}

/**
 * The mean metrics, in large type.
 *
 * @param summary The evaluation.
 * @returns A section, or null if no metric can be computed.
 */
export function headline(summary: Summary): Markup | null {
  if (METRICS.every((metric) => summary.mean[metric] === null)) return null;
  const cards = LEVELS.map((metrics) => card(summary, metrics));
  return html`
    <section class="headline" aria-label="Mean metrics">${cards}</section>
  `;
}

/** Number of the footnote of an absent metric, by category. */
type Marks = ReadonlyMap<string, ReadonlyMap<MetricName, number>>;

function marksOf(summary: Summary): Marks {
  const marks = new Map<string, Map<MetricName, number>>();
  for (const [i, { categories, metrics }] of absences(summary).entries()) {
    for (const category of categories) {
      const own = marks.get(category) ?? new Map<MetricName, number>();
      for (const metric of metrics) own.set(metric, i + 1);
      marks.set(category, own);
    }
  }
  return marks;
}

function absentCell(name: string, reason: string, mark: number): Markup {
  return html`
    <td data-name="${name}" data-value="-1" title="${reason}">
      ${ABSENT}<sup>${mark}</sup></td>
  `;
}

function metricCell(name: string, value: number | null): Markup {
  return html`
    <td data-name="${name}" data-value="${value ?? -1}">
      ${formatMetric(value, ABSENT)}</td>
  `;
}

function countCell({ images, errors }: CategorySummary | Summary): Markup {
  const lost = errors === 0 ? null : html`
    <small title="${errors} without a score">−${errors}</small>
  `;
  return html`
    <td data-name="Images" data-value="${images}">
      ${images.toLocaleString("en")}${lost}</td>
  `;
}

function categoryRow(
  [name, category]: [string, CategorySummary],
  marks: Marks,
): Markup {
  const cells = METRICS.map((metric) => {
    const mark = marks.get(name)?.get(metric);
    const reason = category.absent[metric];
    return mark === undefined || reason === undefined
      ? metricCell(METRIC_TITLES[metric], category[metric])
      : absentCell(METRIC_TITLES[metric], reason, mark);
  });
  return html`
    <tr>
      <th scope="row" data-value="${name}">${name}</th>
      ${cells}${countCell(category)}
    </tr>
  `;
}

function meanRow(summary: Summary): Markup {
  const cells = METRICS.map((metric) =>
    metricCell(METRIC_TITLES[metric], summary.mean[metric])
  );
  return html`
    <tr>
      <th scope="row">Mean</th>
      ${cells}${countCell(summary)}
    </tr>
  `;
}

function coverageList(summary: Summary): Markup | null {
  const lines = coverageLines(summary).map((line) => html`<li>${line}</li>`);
  return lines.length === 0 ? null : html`<ul>${lines}</ul>`;
}

function notes(summary: Summary): Markup {
  const absent = absences(summary)
    .map((absence) => html`<li>${absenceLine(absence, summary)}</li>`);
  return html`
    <div class="footnotes">
      ${absent.length === 0 ? null : html`<ol>${absent}</ol>`}
      ${coverageList(summary)}
    </div>
  `;
}

/**
 * The table of metrics with the mean, and a footnote for each reason why a metric
 * is absent.
 *
 * @param summary The evaluation.
 * @returns A section.
 */
export function metricTable(summary: Summary): Markup {
  const marks = marksOf(summary);
  const names = [
    "Category",
    ...METRICS.map((metric) => METRIC_TITLES[metric]),
    "Images",
  ];
  const heads = names.map((name) =>
    html`<th scope="col" class="sortable">${name}</th>`
  );
  const rows = Object.entries(summary.categories)
    .map((entry) => categoryRow(entry, marks));
  return html`
    <section id="metrics">
      <h2>Metrics</h2>
      <table class="metrics">
        <caption>Metrics × 100; ${scoreRule(summary)}</caption>
        <thead><tr>${heads}</tr></thead>
        <tbody>${rows}</tbody>
        <tfoot>${meanRow(summary)}</tfoot>
      </table>
      ${notes(summary)}
    </section>
  `;
}

/**
 * The section of a report without labels, and so without metrics: how its images
 * were read.
 *
 * @param summary The evaluation.
 * @returns A section; null where nothing is to be said.
 */
export function imageNotes(summary: Summary): Markup | null {
  const list = coverageList(summary);
  if (list === null) return null;
  return html`
    <section id="notes">
      <h2>Notes</h2>
      <div class="footnotes">${list}</div>
    </section>
  `;
}
