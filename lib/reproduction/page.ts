/**
 * A reproduction as one HTML page.
 *
 * @module
 */
import { html, Markup } from "../report/markup.ts";
import metricsStyle from "../report/page_metrics.css" with { type: "text" };
import style from "../report/page.css" with { type: "text" };
import ownStyle from "./page.css" with { type: "text" };
import type { PageView, RunView } from "./page_view.ts";
import { PAPER_TITLE } from "./paper_tables.ts";
import type { CellView, RowView, TableView } from "./tables_view.ts";

const STYLE = new Markup([style, metricsStyle, ownStyle].join("\n"));

const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function header({ title, facts, differences, reading }: PageView): Markup {
  const list = facts.map(([name, text]) =>
    html`
      <div>
        <dt>${name}</dt>
        <dd>${text}</dd>
      </div>
    `
  );
  const points = differences.map((text) => html`<li>${text}.</li>`);
  return html`
    <header>
      <p class="eyebrow">${PAPER_TITLE}</p>
      <h1>${title}</h1>
      <dl class="facts">${list}</dl>
      ${points.length === 0
        ? null
        : html`<ul class="differences">${points}</ul>`}
      <p class="note">${reading}.</p>
    </header>
  `;
}

function cell({ name, text, change, note }: CellView): Markup {
  const kind = name.endsWith("paper") ? "paper" : "measured";
  return html`
    <td class="${kind}" data-name="${name}">
      ${text}${note === null ? null : html`<sup>${note}</sup>`}
      ${change === null ? null : html`<small>${change}</small>`}</td>
  `;
}

function row({ label, source, cells }: RowView): Markup {
  return html`
    <tr>
      <th scope="row" title="${source}">${label}</th>
      ${cells.map(cell)}
    </tr>
  `;
}

function tableSection(table: TableView): Markup {
  const { number, title, reference, rows, notes } = table;
  const names = ["", ...rows[0]!.cells.map(({ name }) => name)];
  const heads = names.map((name) => html`<th scope="col">${name}</th>`);
  const caption = reference === null
    ? title
    : `${title}; small: change against “${reference}”`;
  const list = notes.map((note) => html`<li>${note}</li>`);
  return html`
    <section id="table-${number}">
      <h2>Table ${number}</h2>
      <table class="metrics pairs">
        <caption>${caption}</caption>
        <thead>
          <tr>${heads}</tr>
        </thead>
        <tbody>${rows.map(row)}</tbody>
      </table>
      <div class="footnotes">
        ${list.length === 0 ? null : html`<ol>${list}</ol>`}
      </div>
    </section>
  `;
}

function runRow({ name, isDone, cells }: RunView): Markup {
  const link = html`<a href="runs/${name}/results/report.html">${name}</a>`;
  const values = cells.map(([name, text]) =>
    html`<td data-name="${name}">${text}</td>`
  );
  return html`
    <tr>
      <th scope="row">${isDone ? link : name}</th>
      ${values}
    </tr>
  `;
}

function runSection(runs: readonly RunView[]): Markup | null {
  if (runs.length === 0) return null;
  const names = ["Run", ...runs[0]!.cells.map(([name]) => name)];
  const heads = names.map((name) => html`<th scope="col">${name}</th>`);
  const notes = runs.flatMap(({ name, note }) =>
    note === null
      ? []
      : [html`<li><code>${name}</code><span>${note}</span></li>`]
  );
  return html`
    <section id="runs">
      <h2>Runs</h2>
      <table class="metrics runs">
        <caption>Each is a training and an evaluation; tables share them</caption>
        <thead><tr>${heads}</tr></thead>
        <tbody>${runs.map(runRow)}</tbody>
      </table>
      ${notes.length === 0 ? null : html`<ul class="errors">${notes}</ul>`}
    </section>
  `;
}

/**
 * Renders a page that needs no other file, no network and no script. It links
 * to the reports of its runs, which lie beside it.
 *
 * @param view What to show.
 * @returns The page.
 */
export function renderPage(view: PageView): string {
  const head = html`
    <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="${POLICY}">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>${view.title} · MFP-CLIP</title>
      <style>${STYLE}</style>
    </head>
  `;
  const body = html`
    <body>
      <main>
        ${header(view)}
        ${view.tables.map(tableSection)}
        ${runSection(view.runs)}
      </main>
    </body>
  `;
  return `<!doctype html>\n<html lang="en">${head}${body}</html>\n`;
}
