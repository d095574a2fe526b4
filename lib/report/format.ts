/**
 * How numbers and names are written in tables and pages.
 *
 * @module
 */
import type { Interval } from "../metrics/bootstrap.ts";
import { type Summary, USUAL_SCORING } from "../results/summary.ts";

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
 * Writes an interval of a metric, times 100.
 *
 * @param interval The interval, or undefined for none.
 * @returns The text; empty for none.
 */
export function formatInterval(interval: Interval | undefined): string {
  return interval === undefined
    ? ""
    : interval.map((end) => (100 * end).toFixed(1)).join(" to ");
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

/** How images were laid before the model, where they were not only stretched. */
function frameWords({ frame }: Pick<Summary, "frame">): string {
  if (frame === undefined) return "";
  const { tile, overlap, fit, regions = {} } = frame;
  const names = Object.keys(regions);
  return [
    tile === "1x1" ? "" : `; tiles ${tile}, overlap ${overlap}`,
    fit === "stretch" ? "" : `; fit ${fit}`,
    names.length === 0
      ? ""
      : `; region of interest of ${
        names.includes("*") ? "all" : printable(names.sort().join(", "))
      }`,
  ].join("");
}

/**
 * States the score rule and the smoothing of an evaluation.
 *
 * @param summary The evaluation.
 * @returns A line without a full stop.
 */
export function scoreRule(
  summary: Pick<Summary, "score_rule" | "smooth" | "good" | "frame">,
): string {
  return `S = ${scoreWords(summary)}; ${smoothingWords(summary)}${
    frameWords(summary)
  }`;
}

/**
 * States the smoothing of maps.
 *
 * @param summary The evaluation.
 * @returns A few words.
 */
export function smoothingWords({ smooth }: Pick<Summary, "smooth">): string {
  return `smoothing ${smooth === 0 ? "none" : `sigma ${smooth}`}`;
}

/**
 * States what the image score of an evaluation is.
 *
 * @param summary The evaluation.
 * @returns A few words.
 */
export function scoreWords(
  { good, score_rule }: Pick<Summary, "score_rule" | "good">,
): string {
  const { score_rule: usual } = USUAL_SCORING;
  if (score_rule !== undefined && score_rule !== usual) return score_rule;
  return good === undefined ? usual : "maximum of the map beside good images";
}

/**
 * Says with how many good images each category was compared.
 *
 * @param summary The evaluation.
 * @returns One sentence, or none where there were no good images.
 */
export function goodLines(
  { good, categories }: Pick<Summary, "good" | "categories">,
): string[] {
  if (good === undefined) return [];
  const used = Object.entries(good).map(([name, { images }]) =>
    `${name} ${images}`
  );
  const without = Object.keys(categories).filter((name) => !(name in good));
  const rest = without.length === 0 ? "" : `; zero-shot: ${without.join(", ")}`;
  return [`Good images: ${used.join(", ")}${rest}`];
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
