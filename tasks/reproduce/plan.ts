/**
 * The output of `--plan`.
 *
 * @module
 */
import type { TablePlan } from "../../lib/reproduction/plan_tables.ts";
import type { RunOutcomes } from "../../lib/reproduction/run_plan.ts";
import { columns } from "../cli/help.ts";

/** Lists the runs of a plan, the tables that need them, and which are done. */
export function planText(plan: TablePlan, outcomes: RunOutcomes): string {
  const rows = plan.runs.map(({ name }) => {
    const tables = plan.tables
      .filter(({ rows }) =>
        rows.some(({ runs }) => runs.some((run) => run.name === name))
      )
      .map(({ number }) => number);
    const noun = tables.length === 1 ? "table" : "tables";
    const state = outcomes.has(name) ? ", done" : "";
    return [name, `${noun} ${tables.join(", ")}${state}`] as const;
  });
  const total = plan.runs.length;
  const count = total === 1 ? "1 run" : `${total} runs`;
  const trained = plan.runs.filter(({ training }) => training !== null).length;
  const work = trained === total
    ? "each a training and an evaluation"
    : `each an evaluation, ${trained} with a training before`;
  return `${columns(rows)}\n\n${count}, ${work}; ${outcomes.size} done`;
}
