/**
 * Verdicts in words, for the terminal and for pages.
 *
 * @module
 */
import type { Summary } from "../results/summary.ts";
import type { VerdictCounts } from "../results/verdict.ts";
import { printable } from "./format.ts";

/** How many images look defective. */
export function verdictLine({ anomalous, judged }: VerdictCounts): string {
  const verb = anomalous === 1 ? "looks" : "look";
  return `${anomalous} of ${judged} ${verb} defective`;
}

/**
 * The verdicts of a run, for the terminal; nothing where it has none.
 *
 * @param summary The run.
 */
export function verdictLines({ verdicts, categories }: Summary): string[] {
  if (verdicts === undefined) return [];
  const parts = Object.entries(categories).flatMap(([name, category]) =>
    category.verdicts === undefined ? [] : [[name, category.verdicts] as const]
  );
  const lines = parts.map(([name, { confusion, threshold, ...counts }]) => {
    const right = confusion === undefined
      ? ""
      : `; ${confusion.false_negatives} defective missed, ` +
        `${confusion.false_positives} false alarms`;
    const at = `threshold ${threshold.toFixed(3)}`;
    return printable(`  ${name}: ${verdictLine(counts)} (${at}${right})`);
  });
  return [verdictLine(verdicts), ...lines];
}
