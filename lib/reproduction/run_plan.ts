/**
 * All runs of a plan, each from where it was left.
 *
 * @module
 */
import { isThere } from "../files/is_there.ts";
import { readJsonObject } from "../checkpoint/json_file.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import {
  performRun,
  type PlannedRunOptions,
  type PlannedRunResult,
  readResult,
  type RunContext,
} from "./perform_run.ts";
import type { PlannedRun, TablePlan } from "./plan_tables.ts";
import { writeJson } from "../files/whole_file.ts";

/** What became of a run. */
export type RunOutcome =
  | { readonly result: PlannedRunResult }
  | { readonly error: unknown };

/** Outcomes by the name of their run; runs to come have none. */
export type RunOutcomes = ReadonlyMap<string, RunOutcome>;

/** Options of {@linkcode runPlan}. */
export interface RunPlanOptions extends PlannedRunOptions {
  /** Called before each run that is not done yet. */
  readonly onRun?: (run: PlannedRun, place: number) => void;
  /** Called first with what is done, and again after each run. */
  readonly onOutcome: (outcomes: RunOutcomes) => Promise<void>;
}

/** What all runs of a folder have in common, by its name. */
export type CommonSettings = Readonly<
  Record<string, string | number | boolean | null>
>;

/**
 * Makes the folder of a plan, or checks that it is that of the same plan.
 *
 * @param out The folder.
 * @param settings What may not change from one process to the next.
 * @throws {ModelError} If it holds runs of other settings; one sentence says
 * what differs.
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
 * Looks up which runs are done.
 *
 * @param plan The plan.
 * @param folder The folder of all runs.
 * @returns Their outcomes.
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
 * Does all runs of a plan that are not done. A run that fails does not keep
 * the others from being done.
 *
 * @param plan The plan.
 * @param context What all runs have in common.
 * @param options How they go.
 * @returns What became of each run.
 * @throws {Error} The signal's reason, once it is aborted.
 */
export async function runPlan(
  plan: TablePlan,
  context: RunContext,
  options: RunPlanOptions,
): Promise<RunOutcomes> {
  const outcomes = await readOutcomes(plan, context.folder);
  await options.onOutcome(outcomes);
  for (const [i, run] of plan.runs.entries()) {
    if (outcomes.has(run.name)) continue;
    options.signal.throwIfAborted();
    options.onRun?.(run, i);
    try {
      const result = await performRun(run, context, options);
      outcomes.set(run.name, { result });
    } catch (error) {
      if (options.signal.aborted) throw error;
      outcomes.set(run.name, { error });
    }
    await options.onOutcome(outcomes);
  }
  return outcomes;
}
