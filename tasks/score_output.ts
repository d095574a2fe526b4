/**
 * What `score` and `merge` print of a run.
 *
 * @module
 */
import type { Merged } from "../lib/batch/merge.ts";
import type { Plan } from "../lib/batch/run.ts";
import { renderTextTable } from "../lib/report/table.ts";
import { verdictLines } from "../lib/report/verdict_lines.ts";
import { printErrors } from "./bad_images.ts";
import { EXIT } from "./cli/exit.ts";
import { printTiles } from "./print_tiles.ts";

/** Flags of {@linkcode printMerged}. */
export interface OutputFlags {
  /** Whether to print JSON on stdout. */
  readonly json: boolean;
  /** Whether an image without a score is a failure. */
  readonly strict: boolean;
}

/**
 * Says that a run has no images.
 *
 * @param plan The run.
 * @returns A sentence.
 */
export function nothingNew({ header: { since } }: Plan): string {
  const [run] = since;
  return since.length === 1
    ? `Nothing is new since the run ${run}`
    : `Nothing is new since ${since.length} earlier runs`;
}

/**
 * Prints the summary of a run, and where its report is.
 *
 * @param plan The run.
 * @param merged The merged results.
 * @param flags How to print them.
 * @returns The exit code.
 */
export function printMerged(
  plan: Plan,
  { summary, failed }: Merged,
  { json, strict }: OutputFlags,
): number {
  console.log(
    json ? JSON.stringify(summary) : renderTextTable(summary).trimEnd(),
  );
  const say = json ? console.error : console.log;
  const verdicts = verdictLines(summary);
  if (verdicts.length > 0) say(`\n${verdicts.join("\n")}`);
  printTiles(summary);
  const { images } = summary;
  const errors = printErrors({ images, errors: summary.errors, failed });
  if (summary.caution !== undefined) {
    console.error(`\nCaution: ${summary.caution}`);
  }
  say(`\nReport: ${plan.out.uri}runs/${plan.run}/report.html`);
  const isBad = errors === images || errors > 0 && strict;
  return isBad ? EXIT.doNotRetry : EXIT.done;
}
