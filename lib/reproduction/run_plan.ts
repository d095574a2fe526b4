/**
 * Does all runs of a plan, starting where an earlier process stopped.
 *
 * @module
 */
import { isThere } from "../files/is_there.ts";
import { readJsonObject } from "../checkpoint/json_file.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import {
  performRun,
  type PlannedRunOptions,
  type RunContext,
} from "./perform_run.ts";
import type { PlannedRun, TablePlan } from "./plan_tables.ts";
import { type PlannedRunResult, readResult } from "./run_result.ts";
import { writeJson } from "../files/whole_file.ts";

/** The result of a run, or why it failed. */
export type RunOutcome =
  | { readonly result: PlannedRunResult }
  | { readonly error: unknown };

/** Name of a run -> its outcome; a run that is still to do has none. */
export type RunOutcomes = ReadonlyMap<string, RunOutcome>;

/** Options of {@linkcode runPlan}. */
export interface RunPlanOptions extends PlannedRunOptions {
  /** Called before each run that is not done yet. */
  readonly onRun?: (run: PlannedRun, index: number) => void;
  /** Called once at the start, and after each run. */
  readonly onOutcome: (outcomes: RunOutcomes) => Promise<void>;
}

/** Name -> value of what all runs of a folder have in common. */
export type CommonSettings = Readonly<
  Record<string, string | number | boolean | null>
>;

/**
 * Makes the folder of a plan, or checks that it belongs to the same plan.
 *
 * @throws {ModelError} If it holds runs with other settings; the message names
 * the first that differs.
 */
export async function claimFolder(
  out: string,
  settings: CommonSettings,
): Promise<void> {
  const path = `${out}/settings.json`;
  if (!await isThere(path)) {
    await Deno.mkdir(out, { recursive: true });
    return await writeJson(path, settings);
  }
  const stored = await readJsonObject(path);
  const odd = Object.keys({ ...stored, ...settings })
    .find((key) => stored[key] !== settings[key]);
  if (odd === undefined) return;
  const show = (value: unknown) => JSON.stringify(value ?? null);
  throw new ModelError(
    `Cannot go on in ${out} as its runs must have the same ${odd}: current ` +
      `value is ${show(settings[odd])}, there it is ${show(stored[odd])}`,
  );
}

/**
 * Reads the results of the runs that are done.
 *
 * @param folder The folder of all runs.
 */
export async function readOutcomes(
  { runs }: Pick<TablePlan, "runs">,
  folder: string,
): Promise<Map<string, RunOutcome>> {
  const outcomes = new Map<string, RunOutcome>();
  for (const run of runs) {
    const result = await readResult(folder, run);
    if (result !== undefined) outcomes.set(run.name, { result });
  }
  return outcomes;
}

/**
 * Does all runs of a plan that are not done. After a run that fails it goes on
 * with the next one.
 *
 * @throws {Error} The signal's reason, once it is aborted.
 */
export async function runPlan(
  plan: TablePlan,
  context: RunContext,
  options: RunPlanOptions,
): Promise<RunOutcomes> {
  const { onRun, onOutcome, ...runOptions } = options;
  const outcomes = await readOutcomes(plan, context.folder);
  await onOutcome(outcomes);
  for (const [i, run] of plan.runs.entries()) {
    if (outcomes.has(run.name)) continue;
    options.signal.throwIfAborted();
    onRun?.(run, i);
    try {
      const result = await performRun(run, context, runOptions);
      outcomes.set(run.name, { result });
    } catch (error) {
      if (options.signal.aborted) throw error;
      outcomes.set(run.name, { error });
    }
    await onOutcome(outcomes);
  }
  return outcomes;
}
