/**
 * A reproduction as Markdown, the text of `tables.md`.
 *
 * @module
 */
import { printable } from "../report/format.ts";
import { escapeMarkdown, markdownLines } from "../report/table.ts";
import type { ReproductionView, RunView } from "./reproduction_view.ts";
import { PAPER_TITLE } from "./paper_tables.ts";
import type { CellView, TableView } from "./tables_view.ts";

function text(words: string): string {
  return escapeMarkdown(printable(words));
}

function cell({ text, change, note }: CellView): string {
  const mark = note === null ? "" : `<sup>${note}</sup>`;
  return text + mark + (change === null ? "" : ` (${change})`);
}

/** A list and the empty line after it; nothing for an empty list. */
function list(items: readonly string[]): string[] {
  return items.length === 0 ? [] : [...items, ""];
}

function tableLines(table: TableView): string[] {
  const { number, title, reference, rows, notes, sources } = table;
  const names = rows[0]!.cells.map(({ name }) => name);
  const changes = reference === null
    ? []
    : [`In brackets: change against "${text(reference)}".`];
  return [
    `## Table ${number}: ${text(title)}`,
    "",
    ...list(changes),
    ...markdownLines([
      ["", ...names],
      ...rows.map(({ label, cells }) => [text(label), ...cells.map(cell)]),
    ]),
    "",
    ...list(notes.map((note, i) => `${i + 1}. ${text(note)}`)),
    ...sources.length === 0 ? [] : ["The authors' own numbers:", ""],
    ...list(sources.map((source) => `- ${text(source)}`)),
  ];
}

function runLines(runs: readonly RunView[]): string[] {
  const names = runs[0]?.cells.map(([name]) => name);
  if (names === undefined) return [];
  const notes = runs.filter(({ note }) => note !== null);
  return [
    "## Runs",
    "",
    "A finished run has its report in `runs/NAME/results/report.html`.",
    "",
    ...markdownLines([
      ["run", ...names],
      ...runs.map(({ name, cells }) => [
        text(name),
        ...cells.map(([, value]) => text(value)),
      ]),
    ]),
    "",
    ...list(notes.map(({ name, note }) => `- ${text(name)}: ${text(note!)}`)),
  ];
}

/**
 * Renders a reproduction as Markdown.
 *
 * @returns Markdown that ends with a line break.
 */
export function renderMarkdown(view: ReproductionView): string {
  const { title, facts, differences, tables, reading, runs } = view;
  const lines = [
    `# ${text(title)}`,
    "",
    `The paper: ${text(PAPER_TITLE)}.`,
    "",
    ...list(facts.map(([name, value]) => `- ${name}: ${text(value)}`)),
    ...list(differences.map((difference) => `- **${text(difference)}.**`)),
    `${reading}.`,
    "",
    ...tables.flatMap(tableLines),
    ...runLines(runs),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
