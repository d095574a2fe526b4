/**
 * Two runs on the same images, compared.
 *
 * @module
 */
import { z } from "zod";
import {
  type ImageDifferences,
  imageDifferences,
  type ScorePair,
} from "../metrics/paired_bootstrap.ts";
import {
  type PixelDifferences,
  pixelDifferences,
} from "../metrics/paired_pixels.ts";
import type { PixelValues } from "../metrics/pixel_draws.ts";
import type { PixelGroups } from "../metrics/pixel_groups.ts";
import type { ScoreRow } from "../results/summary.ts";

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
  /** Pixels by category; absent in runs of earlier versions. */
  readonly groups?: ReadonlyMap<string, PixelGroups>;
}

/** The differences in one category. */
export interface CategoryComparison {
  /** Metrics of images, with intervals; null with too few labels. */
  readonly images: ImageDifferences | null;
  /** P-AUROC of both runs, null where one has none. */
  readonly p_auroc: readonly [number | null, number | null];
  /** AUPRO of both runs, null where one has none. */
  readonly aupro: readonly [number | null, number | null];
  /**
   * The differences in metrics of pixels, with intervals; null where a run does
   * not have the pixels, or not of the same images.
   */
  readonly pixels: PixelDifferences | null;
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

/** Categories with an image that has a score in one run only. */
function categoriesOf(
  keys: readonly string[],
  runs: readonly ComparedRun[],
): Set<string> {
  const alone = new Set(keys);
  return new Set(
    runs.flatMap(({ rows }) => rows).filter(({ key }) => alone.has(key))
      .map(({ category }) => category),
  );
}

/** Groups hold the pixels of all images, so both runs must have scored all. */
function comparePixels(
  name: string,
  first: ComparedRun,
  second: ComparedRun,
): PixelDifferences | null {
  const [own, others] = [first.groups?.get(name), second.groups?.get(name)];
  if (own === undefined || others === undefined) return null;
  const valuesOf = ({ summary }: ComparedRun): PixelValues => ({
    auroc: summary.categories[name]?.p_auroc ?? null,
    aupro: summary.categories[name]?.aupro ?? null,
    averagePrecision: null,
    f1Max: null,
    aupro200: null,
  });
  const exact = [valuesOf(first), valuesOf(second)] as const;
  return pixelDifferences([own, others], exact);
}

/**
 * Compares two runs. Metrics of images are computed on the images that both
 * have a score for; those of pixels are the ones that each run found, with an
 * interval where both found them on the same images.
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
  const alone = categoriesOf(unpaired, [first, second]);
  return {
    models: [first.summary.model, second.summary.model],
    compared,
    unpaired,
    categories: Object.fromEntries(
      Array.from(categories, ([name, pairs]) => [name, {
        images: imageDifferences(pairs),
        p_auroc: both(name, "p_auroc"),
        aupro: both(name, "aupro"),
        pixels: alone.has(name) ? null : comparePixels(name, first, second),
      }]),
    ),
  };
}
