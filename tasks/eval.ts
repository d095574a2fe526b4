/**
 * `eval`: anomaly maps, scores and a report from a folder of images.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { DataSet } from "../lib/data/sample.ts";
import type { ComparedFolder } from "../lib/evaluation/compared_folders.ts";
import { HeldResults } from "../lib/evaluation/held_results.ts";
import { startComparison } from "../lib/evaluation/output_folder.ts";
import type { HeatRange } from "../lib/evaluation/run_colours.ts";
import { printable } from "../lib/report/format.ts";
import { renderModelTable } from "../lib/report/model_table.ts";
import { renderTextTable } from "../lib/report/table.ts";
import { verdictLines } from "../lib/report/verdict_lines.ts";
import { METRICS, type Summary } from "../lib/results/summary.ts";
import { printErrors } from "./bad_images.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import { EXIT } from "./cli/exit.ts";
import { parseRange } from "./cli/flags.ts";
import { UsageError } from "./cli/usage_error.ts";
import {
  type Evaluated,
  evaluateModel,
  type Evaluation,
} from "./eval/evaluate_model.ts";
import { foldersOf } from "./flags/compared_models.ts";
import { DATA_FLAGS, LISTING_FLAGS, SYNTHETIC } from "./flags/data_flags.ts";
import { openData } from "./flags/open_data.ts";
import {
  EVAL_FLAGS,
  type EvalFlags,
  type OneModelFlags,
} from "./flags/eval_flags.ts";
import { FRAME_FLAGS } from "./flags/frame_flags.ts";
import { GOOD_FLAGS } from "./flags/good_flags.ts";
import { MODEL_FLAGS, modelDirectory } from "./flags/model_flags.ts";
import { SYNTHETIC_FLAGS } from "./flags/synthetic_flags.ts";
import {
  assertVerdictFlags,
  VERDICT_FILE_FLAGS,
  VERDICT_FLAGS,
} from "./flags/verdict_flags.ts";
import { complaintAboutOut } from "./places.ts";
import { printReading } from "./print_reading.ts";
import { printTiles } from "./print_tiles.ts";

const FLAGS = {
  ...MODEL_FLAGS,
  ...FRAME_FLAGS,
  ...DATA_FLAGS,
  ...LISTING_FLAGS,
  ...SYNTHETIC_FLAGS,
  ...GOOD_FLAGS,
  ...VERDICT_FLAGS,
  ...VERDICT_FILE_FLAGS,
  ...EVAL_FLAGS,
} as const;

/** Colours of labelled images can be compared, those of others can be seen. */
function heatRangeOf(flags: EvalFlags, { reading }: DataSet): HeatRange {
  const text = flags["heat-range"];
  if (text === "auto") return "auto";
  if (text !== undefined) return parseRange("heat-range", text);
  const counts = Object.values(reading?.categories ?? {});
  const isPlain = counts.length > 0 &&
    counts.every(({ good, defective }) => good + defective === 0);
  return isPlain ? "auto" : [0, 1];
}

async function assertFlags(flags: EvalFlags): Promise<void> {
  const { data, out } = flags;
  assertVerdictFlags(flags);
  if (data === SYNTHETIC) return;
  const complaint = await complaintAboutOut(out, data);
  if (complaint !== undefined) throw new UsageError(complaint);
}

/** Without labels, the table would be empty. */
function hasMetrics({ mean }: Summary): boolean {
  return METRICS.some((metric) => mean[metric] !== null);
}

/** Prints the results but for JSON, and returns the exit code. */
function printResults(
  { summary, rows, published }: Evaluated,
  { json, out, strict }: OneModelFlags,
): number {
  const verdicts = verdictLines(summary);
  const say = json ? console.error : console.log;
  if (!json && (verdicts.length === 0 || hasMetrics(summary))) {
    console.log(renderTextTable(summary).trimEnd());
  }
  if (verdicts.length > 0) say(`\n${verdicts.join("\n")}`);
  printTiles(summary);
  const errors = printErrors(rows);
  if (summary.caution !== undefined) {
    console.error(`\nCaution: ${summary.caution}`);
  }
  if (verdicts.length > 0) say(`\nVerdicts: ${join(out, "scores.csv")}`);
  say(`\nReport: ${join(out, "report.html")}`);
  if (published.length > 0) console.error(`\n${published.join("\n")}`);
  const isBad = errors === rows.length || errors > 0 && strict;
  return isBad ? EXIT.doNotRetry : EXIT.done;
}

/** Evaluates several models on the same images, and compares their means. */
async function compareModels(
  models: readonly ComparedFolder[],
  { results, ...common }: Omit<Evaluation, "flags" | "folder"> & {
    readonly flags: EvalFlags;
    readonly results: HeldResults;
  },
): Promise<number> {
  const { json } = common.flags;
  const say = json ? console.error : console.log;
  const summaries: Summary[] = [];
  const codes: number[] = [];
  await startComparison(common.flags.out, models);
  for (const { model, folder: name } of models) {
    const folder = results.of(name);
    const flags = { ...common.flags, model, out: folder.path };
    const found = await evaluateModel({ ...common, flags, folder });
    say(`${summaries.length === 0 ? "" : "\n"}${printable(model)}:\n`);
    codes.push(printResults(found, flags));
    summaries.push(found.summary);
  }
  if (json) console.log(JSON.stringify({ models: summaries }));
  else console.log(`\n${renderModelTable(summaries).trimEnd()}`);
  return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
}

async function run(
  { flags, signal }: Invocation<typeof FLAGS>,
): Promise<number> {
  const { model: models, out, json } = flags;
  const folders = foldersOf(flags);
  await assertFlags(flags);
  const [model = "", ...others] = models;
  // All of them must be there before the first is run.
  if (others.length > 0) await Promise.all(models.map(modelDirectory));
  const named = [...folders].map(([model, folder]) => ({
    model,
    folder: basename(folder),
  }));
  const compared = others.length > 0 ? named : [];
  await using results = await HeldResults.hold(out, compared);
  const dataSet = await openData(flags);
  const heatRange = heatRangeOf(flags, dataSet);
  printReading(dataSet);
  const common = { dataSet, heatRange, signal };
  if (others.length > 0) {
    return await compareModels(compared, { ...common, flags, results });
  }
  const one = { ...flags, model };
  const { folder } = results;
  const found = await evaluateModel({ ...common, flags: one, folder });
  if (json) console.log(JSON.stringify(found.summary));
  return printResults(found, one);
}

/** The verb. */
export const command: Command = defineCommand({ flags: FLAGS, run });
