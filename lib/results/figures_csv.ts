/**
 * Metrics as a CSV file, for spreadsheets, and what a run was made with.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 *
 * @module
 */
import type { Interval } from "../metrics/bootstrap.ts";
import { VERSION } from "../version.ts";
import { quoted, type Separator } from "./scores_csv.ts";
import {
  type CategorySummary,
  IMAGE_COUNTS,
  type MetricName,
  METRICS,
  type Summary,
} from "./summary.ts";

type Cell = string | number | null | undefined;

/**
 * What a run was made with, as the key-value metadata of `scores.parquet`.
 *
 * @param summary The evaluation.
 */
export function runNotes(
  { model, data, prompts, smooth }: Summary,
): Record<string, string> {
  return {
    model,
    data,
    prompts: JSON.stringify(prompts),
    smooth: `${smooth}`,
    version: VERSION,
  };
}

function withEnds(value: number | null, interval: Interval | undefined) {
  return [value, interval?.[0], interval?.[1]];
}

function categoryCells(name: string, category: CategorySummary): Cell[] {
  return [
    name,
    "",
    ...IMAGE_COUNTS.map((count) => category[count]),
    ...METRICS.flatMap((metric) =>
      withEnds(category[metric], category.intervals[metric])
    ),
  ];
}

function kindCells(name: string, { kinds = {} }: CategorySummary): Cell[][] {
  return Object.entries(kinds).map(
    ([kind, { images, interval, ...values }]) => {
      const known: Readonly<Partial<Record<MetricName, number | null>>> =
        values;
      return [
        name,
        kind,
        ...IMAGE_COUNTS.map((count) => count === "defective" ? images : null),
        ...METRICS.flatMap((metric) =>
          withEnds(
            known[metric] ?? null,
            metric === "i_auroc" ? interval : undefined,
          )
        ),
      ];
    },
  );
}

/**
 * Encodes metrics as CSV: a line for each category, then one for each of its
 * kinds of defects. The last columns say what the run was made with.
 *
 * @param summary The evaluation.
 * @param separator `;` writes decimals with a comma, as Excel reads them then.
 */
export function encodeFiguresCsv(
  summary: Summary,
  separator: Separator = ",",
): Uint8Array<ArrayBuffer> {
  const cell = (value: Cell) => {
    if (typeof value === "string") return quoted(value, separator);
    const text = `${value ?? ""}`;
    return separator === ";" ? text.replace(".", ",") : text;
  };
  const head = [
    ...["category", "defect", ...IMAGE_COUNTS],
    ...METRICS.flatMap((name) => [name, `${name}_low`, `${name}_high`]),
    ...["model", "data", "prompts", "smooth", "version"],
  ];
  const { model, data, prompts, smooth } = summary;
  const rows = Object.entries(summary.categories).flatMap(
    ([name, category]) => {
      const words = JSON.stringify(prompts[name] ?? null);
      return [categoryCells(name, category), ...kindCells(name, category)]
        .map((cells) => [...cells, model, data, words, smooth, VERSION]);
    },
  );
  const lines = [head, ...rows].map((cells) => cells.map(cell).join(separator));
  const mark = separator === ";" ? "\uFEFF" : "";
  return new TextEncoder().encode(`${mark}${lines.join("\r\n")}\r\n`);
}
