/**
 * Mean and spread over runs that differ in their seeds alone.
 *
 * @module
 */
import type { PlannedRow } from "./plan_tables.ts";
import type { PrintedMetric } from "./paper_tables.ts";
import type { RunOutcomes } from "./run_plan.ts";

/** A metric over several runs, 0 to 1. */
export interface Measurement {
  /** Its mean. */
  readonly mean: number;
  /** Sample standard deviation; null for a single run. */
  readonly spread: number | null;
}

/** Mean and spread of some values; null where there are none. */
export function measurementOf(values: readonly number[]): Measurement | null {
  const { length } = values;
  if (length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  if (length === 1) return { mean, spread: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squares / (length - 1)) };
}

/** Seed -> value, for the runs that have the metric; null without a seed. */
function valuesOf(
  { runs }: PlannedRow,
  outcomes: RunOutcomes,
  metric: PrintedMetric,
): Map<number | null, number> {
  const values = new Map<number | null, number>();
  for (const { name, seed } of runs) {
    const outcome = outcomes.get(name);
    if (outcome === undefined || "error" in outcome) continue;
    const value = outcome.result.summary.mean[metric];
    if (value !== null) values.set(seed, value);
  }
  return values;
}

/** Measures one row of a table; null where no run has the metric. */
export function measure(
  row: PlannedRow,
  outcomes: RunOutcomes,
  metric: PrintedMetric,
): Measurement | null {
  return measurementOf([...valuesOf(row, outcomes, metric).values()]);
}

/**
 * Measures the difference between two rows, seed by seed.
 *
 * @returns `row` minus `reference`; null where no seed has both.
 */
export function measureChange(
  { row, reference }: { row: PlannedRow; reference: PlannedRow },
  outcomes: RunOutcomes,
  metric: PrintedMetric,
): Measurement | null {
  const before = valuesOf(reference, outcomes, metric);
  const after = valuesOf(row, outcomes, metric);
  const differences = [...after].flatMap(([seed, value]) => {
    const other = before.get(seed);
    return other === undefined ? [] : [value - other];
  });
  return measurementOf(differences);
}
