/**
 * What `reproduce` and `ablate` do.
 *
 * @module
 */
import { printable } from "../../lib/report/format.ts";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { withLock } from "../../lib/files/lock.ts";
import { renderMarkdown } from "../../lib/reproduction/render_markdown.ts";
import { reproductionView } from "../../lib/reproduction/reproduction_view.ts";
import type { RunStage } from "../../lib/reproduction/perform_run.ts";
import {
  claimFolder,
  readOutcomes,
  type RunOutcomes,
  runPlan,
} from "../../lib/reproduction/run_plan.ts";
import { writeWhole } from "../../lib/files/whole_file.ts";
import { availableBytes } from "../available_memory.ts";
import { SYNTHETIC } from "../flags/data_flags.ts";
import { describeError, EXIT, exitCodeOf } from "../cli/exit.ts";
import { UsageError } from "../cli/usage_error.ts";
import { cacheOption } from "../hub_places.ts";
import { complaintAboutOut } from "../places.ts";
import { type Progress, showProgress } from "../cli/progress.ts";
import {
  PAPERS_DATA,
  type ReproductionFlags,
  tablesOf,
} from "../flags/reproduce_flags.ts";
import {
  commonSettings,
  type Job,
  jobOf,
  missingText,
  type Reproduction,
} from "./job.ts";
import { planText } from "./plan.ts";

/** Shows the progress of the runs. */
class Display {
  #stage: RunStage | undefined;
  #progress: Progress | undefined;

  readonly onAdvance = (stage: RunStage, total: number): void => {
    if (stage !== this.#stage) {
      this.finish();
      this.#stage = stage;
      this.#progress = showProgress(stage, total);
    }
    this.#progress?.advance();
  };

  finish(): void {
    this.#progress?.finish();
    this.#progress = undefined;
    this.#stage = undefined;
  }
}

async function writeTables(job: Job, outcomes: RunOutcomes): Promise<string> {
  const { flags: { out }, plan, settings } = job;
  const view = reproductionView(plan, outcomes, settings);
  const markdown = renderMarkdown(view);
  await writeWhole(`${out}/tables.md`, markdown);
  return markdown;
}

async function performPlan(
  job: Job,
  signal: AbortSignal,
): Promise<RunOutcomes> {
  const { flags, source, plan, settings, published } = job;
  // Where it is missing, no run of the plan needs it.
  const { directory = "" } = job.model;
  const { out, model, threads, provider } = flags;
  const { epochs, maxSteps } = settings;
  const display = new Display();
  const total = plan.runs.length;
  return await runPlan(plan, {
    directory,
    model,
    published: published.directories,
    source,
    folder: `${out}/runs`,
  }, {
    epochs,
    maxSteps,
    threads,
    provider,
    signal,
    ...cacheOption(),
    availableBytes: availableBytes(),
    onWarning: (message) => console.error(printable(`Warning: ${message}`)),
    onRun: ({ name }, index) => {
      display.finish();
      console.error(`Run ${index + 1} of ${total}: ${name}`);
    },
    onAdvance: display.onAdvance,
    onOutcome: async (outcomes) => void await writeTables(job, outcomes),
  }).finally(() => display.finish());
}

/** Prints which runs failed; returns 42 if a retry can help none of them. */
function printFailures(outcomes: RunOutcomes): number {
  const failed = [...outcomes].flatMap(([name, outcome]) =>
    "error" in outcome ? [{ name, error: outcome.error }] : []
  );
  if (failed.length === 0) return EXIT.done;
  console.error(`${failed.length} of ${outcomes.size} runs failed:`);
  for (const { name, error } of failed) {
    console.error(`  ${name}: ${describeError(error)}`);
  }
  const codes = failed.map(({ error }) => exitCodeOf(error));
  return codes.every((code) => code === EXIT.doNotRetry)
    ? EXIT.doNotRetry
    : EXIT.failed;
}

async function runJob(job: Job, signal: AbortSignal): Promise<number> {
  const { flags: { out } } = job;
  const missing = await missingText(job);
  if (missing !== undefined) throw new ModelError(missing);
  await claimFolder(out, commonSettings(job));
  const outcomes = await withLock(
    `${out}/lock`,
    async () => {
      // Another process may have claimed it at the same moment.
      await claimFolder(out, commonSettings(job));
      return await performPlan(job, signal);
    },
    {
      signal,
      onWait: () => console.error(`Waiting for another run in ${out}`),
    },
  );
  console.log(await writeTables(job, outcomes));
  console.log(`Tables: ${out}/tables.md`);
  return printFailures(outcomes);
}

/** Refuses a table that the verb does not fill, and to write into the data. */
async function checkFlags(
  { data, out, table }: ReproductionFlags,
  { tables }: Reproduction,
): Promise<void> {
  tablesOf(table, tables);
  if (data === SYNTHETIC || data === PAPERS_DATA) return;
  const found = await complaintAboutOut(out, data);
  if (found !== undefined) throw new UsageError(found);
}

/**
 * Fills tables of the paper, starting where an earlier process stopped.
 *
 * @param reproduction The tables that the verb fills.
 * @returns The exit code.
 */
export async function reproduce(
  flags: ReproductionFlags,
  reproduction: Reproduction,
  signal: AbortSignal,
): Promise<number> {
  await checkFlags(flags, reproduction);
  const job = await jobOf(flags, reproduction);
  if (!flags.plan) return await runJob(job, signal);
  const outcomes = await readOutcomes(job.plan, `${flags.out}/runs`);
  console.log(planText(job.plan, outcomes));
  const missing = await missingText(job);
  if (missing !== undefined) console.error(missing);
  return EXIT.done;
}
