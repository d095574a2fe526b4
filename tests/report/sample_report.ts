/** A small evaluation for the tests of this folder. */
import { Gallery } from "../../lib/results/gallery.ts";
import type { CategoryCurves, ReportContent } from "../../lib/report/html.ts";
import {
  type CategorySummary,
  meanOf,
  type MetricName,
  METRICS,
  type MetricValues,
  type ScoreRow,
  type Summary,
} from "../../lib/results/summary.ts";

/** The same value for every metric. */
export function metricsOf<Value>(value: Value): Record<MetricName, Value> {
  return Object.fromEntries(METRICS.map((metric) => [metric, value])) as Record<
    MetricName,
    Value
  >;
}

/** A category whose metrics are all `value`, except for what is given. */
export function categoryOf(
  value: number | null,
  rest: Partial<CategorySummary> = {},
): CategorySummary {
  return {
    images: 4,
    errors: 0,
    good: 2,
    defective: 2,
    unlabelled: 0,
    masks: 2,
    masks_missing: 0,
    masks_lost: 0,
    intervals: {},
    absent: {},
    ...metricsOf(value) as MetricValues,
    ...rest,
  };
}

/** A summary of the categories given. */
export function summaryOf(
  categories: Record<string, CategorySummary>,
  rest: Partial<Summary> = {},
): Summary {
  const all = Object.values(categories);
  return {
    model: "nano",
    data: "synthetic",
    prompts: {},
    smooth: 0,
    seconds: 1.5,
    images: all.reduce((sum, { images }) => sum + images, 0),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
    categories,
    ...meanOf(categories),
    ...rest,
  };
}

/** A row without an error; the label is told by the score's sign. */
export function rowOf(
  key: string,
  score_logit: number,
  rest: Partial<ScoreRow> = {},
): ScoreRow {
  return {
    key,
    category: key.split("/")[0]!,
    label: score_logit > 0 ? 1 : 0,
    score: 1 / (1 + Math.exp(-score_logit)),
    score_logit,
    width: 32,
    height: 24,
    milliseconds: 12.5,
    error: null,
    ...rest,
  };
}

/** Two straight lines: up to (0.25, 0.75), then to (1, 1). */
export const KINKED: CategoryCurves["image"] = {
  fpr: Float64Array.of(0, 0.25, 1),
  tpr: Float64Array.of(0, 0.75, 1),
};

/** A report of these rows, each of them in the gallery. */
export function reportOf(
  rows: readonly ScoreRow[],
  rest: Partial<ReportContent> = {},
): ReportContent {
  const gallery = new Gallery();
  const names = [...new Set(rows.map(({ category }) => category))];
  for (const row of rows) {
    const { key, category, label, score, score_logit } = row;
    if (score === null || score_logit === null) continue;
    gallery.offer({
      ...row.regions && {
        regions: row.regions,
        width: row.width!,
        height: row.height!,
      },
      key,
      category,
      label,
      score,
      score_logit,
      image: Uint8Array.of(0xff, 0xd8, 0xff),
      mask: label === 1 ? Uint8Array.of(0x89, 0x50) : null,
      heatmap: Uint8Array.of(0x89, 0x50, 0x4e),
    });
  }
  return {
    summary: summaryOf(
      Object.fromEntries(names.map((name) => [name, categoryOf(0.5)])),
    ),
    rows,
    curves: Object.fromEntries(
      names.map((
        name,
      ) => [name, { image: KINKED, pixel: KINKED, threshold: 0 }]),
    ),
    gallery,
    ...rest,
  };
}
