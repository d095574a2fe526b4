/**
 * Two runs on the same images, compared.
 *
 * @module
 */
import { z } from "zod";
import {
  type ImageDifferences,
  imageDifferences,
  type MetricDifference,
  type ScorePair,
} from "../metrics/paired_bootstrap.ts";
import { METRIC_TITLES, type ScoreRow } from "../results/summary.ts";
import { formatMetric, printable } from "./format.ts";
import { layOut } from "./table.ts";

/** What a comparison reads of summary.json. */
export interface ComparedSummary {
  /** Name of the model. */
  readonly model: string;
  /** Metrics of pixels by category. */
  readonly categories: Readonly<
    Record<
      string,
      { readonly p_auroc: number | null; readonly aupro: number | null }
    >
  >;
}

/** Reads a {@linkcode ComparedSummary}. */
export const ComparedSummarySchema: z.ZodType<ComparedSummary> = z.looseObject({
  model: z.string(),
  categories: z.record(
    z.string(),
    z.looseObject({
      p_auroc: z.number().nullable(),
      aupro: z.number().nullable(),
    }),
  ),
});

/** One run: its folder, its summary and its rows. */
export interface ComparedRun {
  /** Folder, for messages. */
  readonly folder: string;
  /** What summary.json holds. */
  readonly summary: ComparedSummary;
  /** The rows of scores.parquet. */
  readonly rows: readonly ScoreRow[];
}

/** The differences in one category. */
export interface CategoryComparison {
  /** Metrics of images, with intervals; null with too few labels. */
  readonly images: ImageDifferences | null;
  /** P-AUROC of both runs, null where one has none. */
  readonly p_auroc: readonly [number | null, number | null];
  /** AUPRO of both runs, null where one has none. */
  readonly aupro: readonly [number | null, number | null];
}

/** Two runs, compared. */
export interface Comparison {
  /** Names of both models. */
  readonly models: readonly [string, string];
  /** Images with a score in both runs. */
  readonly compared: number;
  /** Keys that only one of the runs has a score for. */
  readonly unpaired: readonly string[];
  /** The differences by category. */
  readonly categories: Readonly<Record<string, CategoryComparison>>;
}

function scoredByKey(rows: readonly ScoreRow[]): Map<string, ScoreRow> {
  const scored = rows.filter(({ score_logit }) => score_logit !== null);
  return new Map(scored.map((row) => [row.key, row]));
}

/** Images with a score and the same label in both runs, in the order of keys. */
function pairUp(first: ComparedRun, second: ComparedRun) {
  const others = scoredByKey(second.rows);
  const own = scoredByKey(first.rows);
  const categories = new Map<string, ScorePair[]>();
  const keys = [...own.keys()].sort();
  const shared = keys.filter((key) => others.has(key));
  for (const key of shared) {
    const [a, b] = [own.get(key)!, others.get(key)!];
    if (a.label !== b.label || a.category !== b.category) {
      throw new TypeError(
        `Cannot compare ${second.folder} with ${first.folder} as ${key} must have the same category and label in both: current values are ${a.category}, ${a.label} and ${b.category}, ${b.label}`,
      );
    }
    const pairs = categories.get(a.category) ?? [];
    categories.set(a.category, pairs);
    if (a.label === null) continue;
    const scores = [a.score_logit!, b.score_logit!] as const;
    pairs.push({ label: a.label, scores });
  }
  const unpaired = [
    ...keys.filter((key) => !others.has(key)),
    ...[...others.keys()].filter((key) => !own.has(key)),
  ].sort();
  return { categories, compared: shared.length, unpaired };
}

/**
 * Compares two runs. Metrics of images are computed on the images that both
 * have a score for; those of pixels are the ones that each run found.
 *
 * @param first The run to start from.
 * @param second The run that is compared with it.
 * @throws {TypeError} If the runs share no image, or an image has another label
 * or category there.
 */
export function compareRuns(
  first: ComparedRun,
  second: ComparedRun,
): Comparison {
  const { categories, compared, unpaired } = pairUp(first, second);
  if (compared === 0) {
    throw new TypeError(
      `Cannot compare ${second.folder} with ${first.folder} as both must have scores of the same images: current value is no such image`,
    );
  }
  const both = (name: string, metric: "p_auroc" | "aupro") =>
    [first, second].map(({ summary }) =>
      summary.categories[name]?.[metric] ?? null
    ) as [number | null, number | null];
  return {
    models: [first.summary.model, second.summary.model],
    compared,
    unpaired,
    categories: Object.fromEntries(
      Array.from(categories, ([name, pairs]) => [name, {
        images: imageDifferences(pairs),
        p_auroc: both(name, "p_auroc"),
        aupro: both(name, "aupro"),
      }]),
    ),
  };
}

function signed(value: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(100 * value).toFixed(1)}`;
}

function imageCells(
  title: string,
  { values, difference, interval }: MetricDifference,
): string[] {
  return [
    title,
    ...values.map((value) => formatMetric(value, "-")),
    signed(difference),
    interval.map(signed).join(" to "),
  ];
}

function pixelCells(
  title: string,
  [first, second]: readonly [number | null, number | null],
): string[] {
  return [
    title,
    formatMetric(first, "-"),
    formatMetric(second, "-"),
    first === null || second === null ? "-" : signed(second - first),
    "",
  ];
}

function categoryRows(name: string, found: CategoryComparison): string[][] {
  const { images, p_auroc, aupro } = found;
  const rows = [
    ...images === null ? [] : [
      imageCells(METRIC_TITLES.i_auroc, images.auroc),
      imageCells(METRIC_TITLES.i_ap, images.averagePrecision),
      imageCells(METRIC_TITLES.i_f1max, images.f1Max),
    ],
    pixelCells(METRIC_TITLES.p_auroc, p_auroc),
    pixelCells(METRIC_TITLES.aupro, aupro),
  ];
  return rows.map((cells) => [printable(name), ...cells]);
}

/**
 * Renders a comparison as plain text, metrics times 100.
 *
 * @returns Lines, the last one with a line break.
 */
export function renderComparison(comparison: Comparison): string {
  const { models: [first, second], compared, unpaired } = comparison;
  const head = ["category", "metric", "A", "B", "B - A", "95 %"];
  const rows = Object.entries(comparison.categories)
    .flatMap(([name, found]) => categoryRows(name, found));
  const lines = [
    ...layOut([head, ...rows]),
    "",
    `A: ${printable(first)}; B: ${
      printable(second)
    }; ${compared} images in both`,
    "Intervals: images drawn anew, the same ones for both runs; pixel metrics have none",
  ];
  if (unpaired.length > 0) {
    lines.push(
      `Images with a score in one run only, left out: ${unpaired.length}, such as ${
        printable(unpaired[0]!)
      }`,
    );
  }
  return `${lines.join("\n")}\n`;
}
