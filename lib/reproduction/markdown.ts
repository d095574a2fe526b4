/**
 * A reproduction as Markdown.
 *
 * @module
 */
import { printable } from "../report/format.ts";
import { escapeMarkdown, markdownLines } from "../report/table.ts";
import type { PageView, RunView } from "./page_view.ts";
import { PAPER_TITLE } from "./paper_tables.ts";
import type { CellView, TableView } from "./tables_view.ts";

function text(words: string): string {
  return escapeMarkdown(printable(words));
}

function cell({ text, change, note }: CellView): string {
  const mark = note === null ? "" : `<sup>${note}</sup>`;
  return text + mark + (change === null ? "" : ` (${change})`);
}

function tableLines(table: TableView): string[] {
  const { number, title, reference, rows, notes } = table;
  const names = rows[0]!.cells.map(({ name }) => name);
  const heading = `## Table ${number}: ${text(title)}`;
  const changes = reference === null
    ? []
    : [`In brackets: change against "${text(reference)}".`, ""];
  return [
    ...[heading, "", ...changes],
    ...markdownLines([
      ["", ...names],
      ...rows.map(({ label, cells }) => [text(label), ...cells.map(cell)]),
    ]),
    "",
    ...notes.map((note, i) => `${i + 1}. ${text(note)}`),
    ...notes.length === 0 ? [] : [""],
  ];
}

function runLines(runs: readonly RunView[]): string[] {
  const names = runs[0]?.cells.map(([name]) => name);
  if (names === undefined) return [];
  const notes = runs.flatMap(({ name, note }) =>
    note === null ? [] : [`- ${text(name)}: ${text(note)}`]
  );
  return [
    ...["## Runs", ""],
    ...markdownLines([
      ["run", ...names],
      ...runs.map(({ name, cells }) => [
        text(name),
        ...cells.map(([, value]) => value),
      ]),
    ]),
    "",
    ...notes,
    ...notes.length === 0 ? [] : [""],
  ];
}

/**
 * Renders a page as Markdown.
 *
 * @param view What to show.
 * @returns Markdown, the last line ended.
 */
export function renderMarkdown(view: PageView): string {
  const { title, facts, differences, tables, reading, runs } = view;
  const lines = [
    ...[`# ${text(title)}`, ""],
    ...[`The paper: ${text(PAPER_TITLE)}.`, ""],
    ...facts.map(([name, value]) => `- ${name}: ${text(value)}`),
    "",
    ...differences.map((difference) => `- **${text(difference)}.**`),
    ...differences.length === 0 ? [] : [""],
    ...[`${reading}.`, ""],
    ...tables.flatMap(tableLines),
    ...runLines(runs),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
