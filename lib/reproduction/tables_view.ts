/**
 * The tables as text: the paper's numbers beside the measured ones.
 *
 * @module
 */
import { METRIC_TITLES } from "../results/summary.ts";
import { measure, measureChange, type Measurement } from "./measurement.ts";
import { PRINTED_METRICS, type PrintedMetric } from "./paper_tables.ts";
import type { PlannedRow, PlannedTable } from "./plan_tables.ts";
import type { RunOutcome, RunOutcomes } from "./run_plan.ts";

/** A cell. */
export interface CellView {
  /** Heading of its column. */
  readonly name: string;
  /** The number, or a dash. */
  readonly text: string;
  /** The change against the reference row; null in that row itself. */
  readonly change: string | null;
  /** Number of the note on it, counted from 1. */
  readonly note: number | null;
}

/** A row. */
export interface RowView {
  /** What it is about. */
  readonly label: string;
  /** For each metric, the paper's number and the measured one. */
  readonly cells: readonly CellView[];
}

/** A table. */
export interface TableView {
  /** Its number in the paper. */
  readonly number: number;
  /** Its title there. */
  readonly title: string;
  /** Label of the reference row; null where the table has none. */
  readonly reference: string | null;
  /** Its rows. */
  readonly rows: readonly RowView[];
  /** Why cells hold a dash, and remarks on measured numbers. */
  readonly notes: readonly string[];
  /** Where the authors of other methods report their numbers. */
  readonly sources: readonly string[];
}

const DASH = "–";

function signed(text: string): string {
  if (text.startsWith("-")) return text.replace("-", "−");
  return Number(text) === 0 ? text : `+${text}`;
}

function percent(value: number, decimals: number): string {
  const text = (100 * value).toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

function spreadText({ spread }: Measurement, decimals: number): string {
  return spread === null ? "" : ` ± ${percent(spread, decimals)}`;
}

/** Why a run has no result; null where it has one. */
export function reasonOf(outcome: RunOutcome | undefined): string | null {
  if (outcome === undefined) return "not run yet";
  if ("result" in outcome) return null;
  const { error } = outcome;
  return error instanceof Error ? error.message : String(error);
}

/** Numbers notes in the order of their first use. */
class Notes {
  readonly all: string[] = [];

  number(note: string | null): number | null {
    if (note === null) return null;
    const place = this.all.indexOf(note);
    return place === -1 ? this.all.push(note) : place + 1;
  }
}

/** A remark on a measured cell, or the reason why it is empty. */
function noteOn(
  { runs, note }: PlannedRow,
  outcomes: RunOutcomes,
  isMeasured: boolean,
): string | null {
  const missing = runs.flatMap(({ name, seed }) => {
    const reason = reasonOf(outcomes.get(name));
    return reason === null ? [] : [{ seed, reason }];
  });
  if (runs.length === 0 || (missing.length === 0 && isMeasured)) return note;
  if (missing.length === 0) return "the evaluation has no such metric";
  const reasons = new Set(missing.map(({ reason }) => reason));
  const [only] = reasons;
  if (missing.length === runs.length && reasons.size === 1) return only!;
  const seeds = missing.map(({ seed, reason }) => `seed ${seed}: ${reason}`);
  return `without ${seeds.join("; ")}`;
}

/** A row and what its cells are made from. */
interface RowContext {
  readonly row: PlannedRow;
  /** The row to compare with; undefined for none. */
  readonly reference: PlannedRow | undefined;
  readonly outcomes: RunOutcomes;
  readonly notes: Notes;
}

function decimalsOf({ paper }: PlannedRow, metric: PrintedMetric): number {
  return paper[metric].split(".")[1]?.length ?? 0;
}

function paperCell(
  { row, reference }: RowContext,
  metric: PrintedMetric,
): CellView {
  const text = row.paper[metric];
  const change = reference && signed(
    (Number(text) - Number(reference.paper[metric]))
      .toFixed(decimalsOf(row, metric)),
  );
  const name = `${METRIC_TITLES[metric]}, paper`;
  return { name, text, change: change ?? null, note: null };
}

function measuredCell(
  { row, reference, outcomes, notes }: RowContext,
  metric: PrintedMetric,
): CellView {
  const decimals = decimalsOf(row, metric);
  const name = `${METRIC_TITLES[metric]}, measured`;
  const found = measure(row, outcomes, metric);
  const note = notes.number(noteOn(row, outcomes, found !== null));
  if (found === null) return { name, text: DASH, change: null, note };
  const change = reference === undefined
    ? null
    : measureChange({ row, reference }, outcomes, metric);
  return {
    name,
    text: percent(found.mean, decimals) + spreadText(found, decimals),
    change: change &&
      signed(percent(change.mean, decimals)) + spreadText(change, decimals),
    note,
  };
}

/** The number of a method's own authors; that of the paper for its own. */
function authorsCell({ paper }: PlannedRow, metric: PrintedMetric): CellView {
  const { authors } = paper;
  const text = authors === undefined ? paper[metric] : authors[metric];
  const name = `${METRIC_TITLES[metric]}, authors`;
  return { name, text: text ?? DASH, change: null, note: null };
}

/** Puts the paper's numbers of a table beside the measured ones. */
export function tableView(
  table: PlannedTable,
  outcomes: RunOutcomes,
): TableView {
  const notes = new Notes();
  const sources = new Set(
    table.rows.flatMap(({ paper: { authors } }) => authors?.source ?? []),
  );
  const reference = table.rows.find(({ paper }) => paper.reference === true);
  const rows = table.rows.map((row): RowView => {
    const other = row === reference ? undefined : reference;
    const context = { row, reference: other, outcomes, notes };
    const cells = PRINTED_METRICS.flatMap((metric) => [
      paperCell(context, metric),
      measuredCell(context, metric),
      ...sources.size === 0 ? [] : [authorsCell(row, metric)],
    ]);
    return { label: row.paper.label, cells };
  });
  return {
    number: table.number,
    title: table.title,
    rows,
    reference: reference?.paper.label ?? null,
    notes: notes.all,
    sources: [...sources],
  };
}
