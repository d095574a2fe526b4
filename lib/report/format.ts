/**
 * How numbers and names are written in tables and pages.
 *
 * @module
 */
import type { Summary } from "../results/summary.ts";

/**
 * Writes the value of a metric as the field does: times 100, one decimal.
 *
 * @param value The value, 0 to 1, or null.
 * @param absent The text for null.
 * @returns The text.
 */
export function formatMetric(value: number | null, absent: string): string {
  return value === null ? absent : (100 * value).toFixed(1);
}

/**
 * Writes a `score_logit`.
 *
 * @param value The value.
 * @returns Two decimals and a true minus sign.
 */
export function formatLogit(value: number): string {
  return value.toFixed(2).replace("-", "−");
}

/**
 * States the score rule and the smoothing of an evaluation.
 *
 * @param summary The evaluation.
 * @returns A line without a full stop.
 */
export function scoreRule(summary: Pick<Summary, "smooth">): string {
  const smoothing = summary.smooth === 0 ? "none" : `sigma ${summary.smooth}`;
  return `S = maximum of the refined map; smoothing ${smoothing}`;
}

/**
 * Makes a name from a data set safe to print. Control characters, which a
 * terminal would obey, are replaced.
 *
 * @param name The name.
 * @returns One line of visible text.
 */
export function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}]|\p{Bidi_Control}/gu, "\uFFFD");
}
