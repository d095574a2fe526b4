/**
 * The figures of a report: headline and table.
 *
 * @module
 */
import { absenceLine, absences, coverageLines } from "./absent.ts";
import { figureRule, formatFigure } from "./format.ts";
import { html, type Markup } from "./markup.ts";
import {
  type CategorySummary,
  FIGURE_NAMES,
  type FigureName,
  FIGURES,
  type Summary,
} from "../results/summary.ts";

const ABSENT = "–";

/** Image, pixel and region level; the first figure stands for its level. */
const LEVELS: readonly (readonly [first: FigureName, ...rest: FigureName[]])[] =
  [
    ["i_auroc", "i_ap", "i_f1max"],
    ["p_auroc", "p_ap", "p_f1max"],
    ["aupro", "aupro_200"],
  ];

function countedOver(summary: Summary, figure: FigureName): string {
  const count = summary.counted[figure];
  const total = Object.keys(summary.categories).length;
  if (count === 0) return "not available";
  if (total === 1) return "one category";
  return count === total
    ? `mean over ${total} categories`
    : `mean over ${count} of ${total} categories`;
}

function card(
  summary: Summary,
  [first, ...rest]: readonly [FigureName, ...FigureName[]],
): Markup {
  const others = rest.map((figure) =>
    html`
      <div>
        <dt>${FIGURE_NAMES[figure]}</dt>
        <dd>${formatFigure(summary.mean[figure], ABSENT)}</dd>
      </div>
    `
  );
  return html`
    <div class="card">
      <p class="name">${FIGURE_NAMES[first]}</p>
      <p class="value">${formatFigure(summary.mean[first], ABSENT)}</p>
      <p class="over">${countedOver(summary, first)}</p>
      <dl>${others}</dl>
    </div>
  `;
}

/**
 * The mean figures, large.
 *
 * @param summary The evaluation.
 * @returns A section; null where there is no figure at all.
 */
export function headline(summary: Summary): Markup | null {
  if (FIGURES.every((figure) => summary.mean[figure] === null)) return null;
  const cards = LEVELS.map((figures) => card(summary, figures));
  return html`
    <section class="headline" aria-label="Mean figures">${cards}</section>
  `;
}

/** Number of the note that explains an absent figure, by category. */
type Marks = ReadonlyMap<string, ReadonlyMap<FigureName, number>>;

function marksOf(summary: Summary): Marks {
  const marks = new Map<string, Map<FigureName, number>>();
  for (const [i, { categories, figures }] of absences(summary).entries()) {
    for (const category of categories) {
      const own = marks.get(category) ?? new Map<FigureName, number>();
      for (const figure of figures) own.set(figure, i + 1);
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

function figureCell(name: string, value: number | null): Markup {
  return html`
    <td data-name="${name}" data-value="${value ?? -1}">
      ${formatFigure(value, ABSENT)}</td>
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
  const cells = FIGURES.map((figure) => {
    const mark = marks.get(name)?.get(figure);
    const reason = category.absent[figure];
    return mark === undefined || reason === undefined
      ? figureCell(FIGURE_NAMES[figure], category[figure])
      : absentCell(FIGURE_NAMES[figure], reason, mark);
  });
  return html`
    <tr>
      <th scope="row" data-value="${name}">${name}</th>
      ${cells}${countCell(category)}
    </tr>
  `;
}

function meanRow(summary: Summary): Markup {
  const cells = FIGURES.map((figure) =>
    figureCell(FIGURE_NAMES[figure], summary.mean[figure])
  );
  return html`
    <tr>
      <th scope="row">Mean</th>
      ${cells}${countCell(summary)}
    </tr>
  `;
}

function notes(summary: Summary): Markup {
  const absent = absences(summary)
    .map((absence) => html`<li>${absenceLine(absence, summary)}</li>`);
  const coverage = coverageLines(summary).map((line) => html`<li>${line}</li>`);
  return html`
    <div class="footnotes">
      ${absent.length === 0 ? null : html`<ol>${absent}</ol>`}
      ${coverage.length === 0 ? null : html`<ul>${coverage}</ul>`}
    </div>
  `;
}

/**
 * The table of figures with the mean, and a note for each reason why a figure
 * is absent.
 *
 * @param summary The evaluation.
 * @returns A section.
 */
export function figureTable(summary: Summary): Markup {
  const marks = marksOf(summary);
  const names = [
    "Category",
    ...FIGURES.map((figure) => FIGURE_NAMES[figure]),
    "Images",
  ];
  const heads = names.map((name) =>
    html`<th scope="col" class="sortable">${name}</th>`
  );
  const rows = Object.entries(summary.categories)
    .map((entry) => categoryRow(entry, marks));
  return html`
    <section id="figures">
      <h2>Figures</h2>
      <table class="figures">
        <caption>Figures × 100; ${figureRule(summary)}</caption>
        <thead><tr>${heads}</tr></thead>
        <tbody>${rows}</tbody>
        <tfoot>${meanRow(summary)}</tfoot>
      </table>
      ${notes(summary)}
    </section>
  `;
}
