/**
 * What an evaluation reports: one row per image, metrics per category and
 * their mean. These are the shapes of `scores.parquet` and `summary.json`.
 *
 * @module
 */
import type { FrameSettings, TilesSeen } from "../framing/frame_settings.ts";
import type { ImageNote, MaskNote, Reading } from "../data/sample.ts";
import type { Interval } from "../metrics/bootstrap.ts";
import type { Confusion, JudgedRow, VerdictCounts } from "./verdict.ts";

/** Every metric, in the order of tables. */
export const METRICS = [
  "i_auroc",
  "i_ap",
  "i_f1max",
  "p_auroc",
  "p_ap",
  "p_f1max",
  "aupro",
  "aupro_200",
] as const;

/** All counts of images, in the order of tables. */
export const IMAGE_COUNTS = [
  "images",
  "errors",
  "good",
  "defective",
  "unlabelled",
  "masks",
] as const;

/** Name of a metric in `summary.json`. */
export type MetricName = (typeof METRICS)[number];

/** How tables and pages spell each metric. */
export const METRIC_TITLES: Readonly<Record<MetricName, string>> = {
  i_auroc: "I-AUROC",
  i_ap: "I-AP",
  i_f1max: "I-F1max",
  p_auroc: "P-AUROC",
  p_ap: "P-AP",
  p_f1max: "P-F1max",
  aupro: "AUPRO",
  aupro_200: "AUPRO-200",
};

/** One value per metric, 0 to 1; null where it cannot be computed. */
export type MetricValues = Readonly<Record<MetricName, number | null>>;

/**
 * One image of an evaluation, and one row of `scores.parquet`. It has a verdict
 * where the run has thresholds.
 */
export interface ScoreRow extends Partial<JudgedRow> {
  /** Path below the data root with `/`. */
  readonly key: string;
  /** Product the image shows. */
  readonly category: string;
  /** 1 defective, 0 good, null where the data set does not say. */
  readonly label: 0 | 1 | null;
  /** Image score S, 0 to 1; null where there is an error. */
  readonly score: number | null;
  /** log S - log(1 - S), which does not saturate; null with an error. */
  readonly score_logit: number | null;
  /** Pixels per row of the image; null where it could not be read. */
  readonly width: number | null;
  /** Rows of the image; null where it could not be read. */
  readonly height: number | null;
  /** Time spent on this image; null with an error. */
  readonly milliseconds: number | null;
  /** Why the image has no score, null where it has one. */
  readonly error: string | null;
  /** What the decoder said of damage that it could read past. */
  readonly note?: string | null;
}

/** The verdicts on one category. */
export interface CategoryVerdicts extends VerdictCounts {
  /** Least `score_logit` called defective. */
  readonly threshold: number;
  /** Whether the colours of heatmaps are centred on its pixel threshold. */
  readonly centred?: boolean;
  /** Verdicts beside labels; absent without labels. */
  readonly confusion?: Confusion;
}

/** Intervals of those metrics that have one. */
export type MetricIntervals = Readonly<Partial<Record<MetricName, Interval>>>;

/**
 * One kind of defect against all good images of its category. Metrics of pixels
 * are absent where no image of the kind has a mask.
 */
export interface KindSummary
  extends Partial<Omit<MetricValues, `i_${string}`>> {
  /** Images of that kind with a score. */
  readonly images: number;
  /** Null without good images. */
  readonly i_auroc: number | null;
  /** That of `i_auroc`; absent with fewer than two images of a label. */
  readonly interval?: Interval;
}

/**
 * Why metrics of a category must be doubted: highest F1 calls all good images
 * defective, or the interval of I-AUROC reaches down to chance.
 */
export type MetricWarning = "all_defective" | "chance";

/** Counts and metrics of one category. */
export interface CategorySummary extends MetricValues {
  /** Images listed, those with errors included. */
  readonly images: number;
  /** Images without a score. */
  readonly errors: number;
  /** Good images with a score. */
  readonly good: number;
  /** Defective images with a score. */
  readonly defective: number;
  /** Images with a score and no label. */
  readonly unlabelled: number;
  /** Masks that entered pixel metrics. */
  readonly masks: number;
  /** Defective images without a mask, left out of pixel metrics. */
  readonly masks_missing: number;
  /** Masks with no pixel left at model resolution. */
  readonly masks_lost: number;
  /** What was noted of masks, and how often; absent where nothing was. */
  readonly mask_notes?: Readonly<Partial<Record<MaskNote, number>>>;
  /** What was noted of image files, and how often. */
  readonly image_notes?: Readonly<Partial<Record<ImageNote, number>>>;
  /** The largest sample of the files of 16 bits. */
  readonly largest_sample?: number;
  /** Verdicts; absent where the category has no threshold. */
  readonly verdicts?: CategoryVerdicts;
  /** Bootstrap intervals by image; a metric without one is left out. */
  readonly intervals: MetricIntervals;
  /** Metrics by kind of defect; absent where no kind is known. */
  readonly kinds?: Readonly<Record<string, KindSummary>>;
  /** Absent where there is none. */
  readonly warnings?: readonly MetricWarning[];
  /** Reason for each metric that is null. */
  readonly absent: Readonly<Partial<Record<MetricName, string>>>;
}

/** The words a category was prompted with: a name, or sentences per state. */
export type PromptWords = string | {
  /** Sentences that describe a good product. */
  readonly normal: readonly string[];
  /** Sentences that describe a defective product. */
  readonly abnormal: readonly string[];
};

/** Mean of each metric over the categories that have it. */
export interface MeanMetrics {
  /** The means; null where no category has the metric. */
  readonly mean: MetricValues;
  /** How many categories entered each mean. */
  readonly counted: Readonly<Record<MetricName, number>>;
  /** Bootstrap intervals of the means; a mean without one is left out. */
  readonly mean_intervals?: MetricIntervals;
}

/** The good images that the images of a category were compared with. */
export interface GoodSummary {
  /** How many there were. */
  readonly images: number;
  /** How many patches they had. */
  readonly patches: number;
  /** How many patches were kept, as a coreset. */
  readonly kept: number;
  /** SHA-256 of what was learned of them, in hexadecimal. */
  readonly sha256: string;
}

/** How images were laid before a model. */
export interface FrameSummary extends FrameSettings {
  /**
   * How many images of each category were seen in which tiles, such as `2x3`;
   * absent where their size does not decide.
   */
  readonly tiles?: Readonly<Record<string, TilesSeen>>;
}

/** How a model scores images. */
export interface Scoring {
  /** The method, as texts name it. */
  readonly method: string;
  /** What the image score is, in a few words. */
  readonly score_rule: string;
}

/** How MFP-CLIP scores, as do results that do not say it. */
export const USUAL_SCORING: Scoring = {
  method: "MFP-CLIP",
  score_rule: "maximum of the refined map",
};

/**
 * A whole evaluation, as in `summary.json`. Those of earlier versions do not
 * say how images are scored.
 */
export interface Summary extends MeanMetrics, Partial<Scoring> {
  /** Name of the model. */
  readonly model: string;
  /** Name of the data set. */
  readonly data: string;
  /** Words used, by category. */
  readonly prompts: Readonly<Record<string, PromptWords>>;
  /** Sigma of the Gaussian smoothing of maps, in map pixels; 0 for none. */
  readonly smooth: number;
  /**
   * Precision that the network ran in: `f32`, `f16` or `int8`. Summaries of
   * earlier versions do not say it.
   */
  readonly precision?: string;
  /**
   * How images were laid before the model; absent where they were only
   * stretched to its square.
   */
  readonly frame?: FrameSummary;
  /** Good images by category; absent where none were given. */
  readonly good?: Readonly<Record<string, GoodSummary>>;
  /** Wall time of the run. */
  readonly seconds: number;
  /** Images listed, those with errors included. */
  readonly images: number;
  /** Images without a score. */
  readonly errors: number;
  /** How the data set was read; absent where it was drawn. */
  readonly reading?: Reading;
  /** How many images were judged, and how; absent without thresholds. */
  readonly verdicts?: VerdictCounts;
  /** What the reader must know to trust the scores; absent if nothing. */
  readonly caution?: string;
  /** Counts and metrics by category. */
  readonly categories: Readonly<Record<string, CategorySummary>>;
}

/**
 * Averages every metric over the categories that have it.
 *
 * @param categories Metrics by category.
 * @returns The means, and how many categories entered each.
 */
export function meanOf(
  categories: Readonly<Record<string, MetricValues>>,
): MeanMetrics {
  const all = Object.values(categories);
  const means = METRICS.map((metric) => {
    const values = all.map((c) => c[metric]).filter((v) => v !== null);
    const sum = values.reduce((a, b) => a + b, 0);
    return {
      mean: [metric, values.length === 0 ? null : sum / values.length] as const,
      counted: [metric, values.length] as const,
    };
  });
  return {
    mean: Object.fromEntries(means.map((m) => m.mean)) as MetricValues,
    counted: Object.fromEntries(
      means.map((m) => m.counted),
    ) as MeanMetrics["counted"],
  };
}
