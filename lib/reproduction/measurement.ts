/**
 * Means and spreads over runs that differ in their seeds.
 *
 * @module
 */
import type { PlannedRow } from "./plan_tables.ts";
import type { Printed } from "./paper_tables.ts";
import type { RunOutcomes } from "./run_plan.ts";

/** A figure of several runs, 0 to 1. */
export interface Measurement {
  /** Its mean. */
  readonly mean: number;
  /** Standard deviation of a sample; null for a single run. */
  readonly spread: number | null;
}

function describe(values: readonly number[]): Measurement | null {
  const { length } = values;
  if (length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  if (length === 1) return { mean, spread: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squares / (length - 1)) };
}

function valuesOf(
  { runs }: PlannedRow,
  outcomes: RunOutcomes,
  figure: Printed,
): Map<number, number> {
  const values = new Map<number, number>();
  for (const { name, seed } of runs) {
    const outcome = outcomes.get(name);
    if (outcome === undefined || "error" in outcome) continue;
    const value = outcome.result.summary.mean[figure];
    if (value !== null) values.set(seed, value);
  }
  return values;
}

/**
 * A figure of a line of a table.
 *
 * @param row The line.
 * @param outcomes What became of the runs.
 * @param figure The figure.
 * @returns Its mean and spread; null where no run has it.
 */
export function measure(
  row: PlannedRow,
  outcomes: RunOutcomes,
  figure: Printed,
): Measurement | null {
  return describe([...valuesOf(row, outcomes, figure).values()]);
}

/**
 * How a figure of a line differs from that of another one, seed by seed.
 *
 * @param rows The line, and the one to compare it with.
 * @param outcomes What became of the runs.
 * @param figure The figure.
 * @returns Mean and spread of the differences; null where no seed has both.
 */
export function measureChange(
  { row, reference }: { row: PlannedRow; reference: PlannedRow },
  outcomes: RunOutcomes,
  figure: Printed,
): Measurement | null {
  const before = valuesOf(reference, outcomes, figure);
  const after = valuesOf(row, outcomes, figure);
  const differences = [...after].flatMap(([seed, value]) => {
    const other = before.get(seed);
    return other === undefined ? [] : [value - other];
  });
  return describe(differences);
}
