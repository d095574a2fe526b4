/**
 * What a page shows of the tables, as text.
 *
 * @module
 */
import { METRIC_TITLES } from "../results/summary.ts";
import { measure, measureChange, type Measurement } from "./measurement.ts";
import { PRINTED, type Printed } from "./paper_tables.ts";
import type { PlannedRow, PlannedTable } from "./plan_tables.ts";
import type { RunOutcome, RunOutcomes } from "./run_plan.ts";

/** A cell. */
export interface CellView {
  /** Heading of its column. */
  readonly name: string;
  /** The number, or a dash. */
  readonly text: string;
  /** The change against the line that the others are ablations of. */
  readonly change: string | null;
  /** Number of the note on it, counted from 1. */
  readonly note: number | null;
}

/** A line. */
export interface RowView {
  /** What it is about. */
  readonly label: string;
  /** Where in the paper it stands. */
  readonly source: string;
  /** The paper's numbers, each with what was measured. */
  readonly cells: readonly CellView[];
}

/** A table. */
export interface TableView {
  /** Its number in the paper. */
  readonly number: number;
  /** Its title there. */
  readonly title: string;
  /** The line that changes are against; null where there is none. */
  readonly reference: string | null;
  /** Its lines. */
  readonly rows: readonly RowView[];
  /** Why cells hold a dash, and what else to know of them. */
  readonly notes: readonly string[];
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

/** Why a run has no result. */
export function reasonOf(outcome: RunOutcome | undefined): string | null {
  if (outcome === undefined) return "not run yet";
  if ("result" in outcome) return null;
  const { error } = outcome;
  return error instanceof Error ? error.message : String(error);
}

/** Numbers notes in the order in which they are first needed. */
class Notes {
  readonly all: string[] = [];

  number(note: string | null): number | null {
    if (note === null) return null;
    const place = this.all.indexOf(note);
    return place === -1 ? this.all.push(note) : place + 1;
  }
}

/** What to know of a measured cell, or why there is none. */
function noteOn(
  { runs, note }: PlannedRow,
  outcomes: RunOutcomes,
  isMeasured: boolean,
): string | null {
  const missing = runs.flatMap(({ name, seed }) => {
    const reason = reasonOf(outcomes.get(name));
    return reason === null ? [] : [`seed ${seed}: ${reason}`];
  });
  if (runs.length === 0 || (missing.length === 0 && isMeasured)) return note;
  if (missing.length === 0) return "the evaluation has no such figure";
  const reasons = [
    ...new Set(missing.map((text) => text.replace(/^.*?: /, ""))),
  ];
  const isAll = missing.length === runs.length && reasons.length === 1;
  return isAll ? reasons[0]! : `without ${missing.join("; ")}`;
}

interface RowParts {
  readonly row: PlannedRow;
  readonly reference: PlannedRow | undefined;
  readonly outcomes: RunOutcomes;
  readonly notes: Notes;
}

function paperCell({ row, reference }: RowParts, figure: Printed): CellView {
  const text = row.paper[figure];
  const decimals = text.split(".")[1]?.length ?? 0;
  const change = reference === undefined || reference === row ? null : signed(
    (Number(text) - Number(reference.paper[figure])).toFixed(decimals),
  );
  const name = `${METRIC_TITLES[figure]}, paper`;
  return { name, text, change, note: null };
}

function measuredCell(
  { row, reference, outcomes, notes }: RowParts,
  figure: Printed,
): CellView {
  const decimals = row.paper[figure].split(".")[1]?.length ?? 0;
  const name = `${METRIC_TITLES[figure]}, measured`;
  const found = measure(row, outcomes, figure);
  const note = notes.number(noteOn(row, outcomes, found !== null));
  if (found === null) return { name, text: DASH, change: null, note };
  const text = percent(found.mean, decimals) + spreadText(found, decimals);
  const change = reference === undefined || reference === row
    ? null
    : measureChange({ row, reference }, outcomes, figure);
  return {
    name,
    text,
    change: change &&
      signed(percent(change.mean, decimals)) + spreadText(change, decimals),
    note,
  };
}

/**
 * Puts the paper's numbers beside the measured ones.
 *
 * @param table A table of a plan.
 * @param outcomes What became of the runs.
 * @returns What to show of it.
 */
export function tableView(
  table: PlannedTable,
  outcomes: RunOutcomes,
): TableView {
  const { number, title } = table;
  const notes = new Notes();
  const reference = table.rows.find(({ paper }) => paper.reference === true);
  const rows = table.rows.map((row): RowView => {
    const parts = { row, reference, outcomes, notes };
    const cells = PRINTED.flatMap((figure) => [
      paperCell(parts, figure),
      measuredCell(parts, figure),
    ]);
    return { label: row.paper.label, source: row.paper.source, cells };
  });
  return {
    ...{ number, title, rows },
    reference: reference?.paper.label ?? null,
    notes: notes.all,
  };
}
