/** Outcomes of runs that nobody has run. */
import type { RivalSettings } from "../../lib/reproduction/rivals.ts";
import { METRICS, type MetricValues } from "../../lib/results/summary.ts";
import type { TablePlan } from "../../lib/reproduction/plan_tables.ts";
import type { RunOutcome } from "../../lib/reproduction/run_plan.ts";

/** Table 1 without the methods of others. */
export const NO_RIVALS: RivalSettings = {
  methods: ["mfp-clip"],
  areTrained: false,
  epochs: undefined,
};

/** An outcome whose figures all have one value. */
export function done(value: number | null, errors = 0): RunOutcome {
  const all = (of: number | null) =>
    Object.fromEntries(METRICS.map((name) => [name, of])) as MetricValues;
  const mean = all(value);
  const counted = all(value === null ? 0 : 1) as Record<
    keyof MetricValues,
    number
  >;
  const names = { model: "m", data: "d", smooth: 0, categories: {} };
  const summary = { ...names, images: 12, errors, mean, counted };
  return { result: { steps: 34, summary } };
}

/** An outcome for each run: what `outcomeOf` says of its variant and seed. */
export function outcomesOf(
  plan: TablePlan,
  outcomeOf: (variant: string, seed: number | null) => RunOutcome | undefined,
): Map<string, RunOutcome> {
  return new Map(plan.runs.flatMap(({ name, variant, seed }) => {
    const outcome = outcomeOf(variant, seed);
    return outcome === undefined ? [] : [[name, outcome] as const];
  }));
}
