/**
 * What is said of the metrics of one category: intervals, doubts, and kinds of
 * defects.
 *
 * @module
 */
import { percentileInterval } from "../metrics/bootstrap.ts";
import { ImageScores } from "../metrics/image_scores.ts";
import type { PixelValues } from "../metrics/pixel_draws.ts";
import type { PixelGroups } from "../metrics/pixel_groups.ts";
import type { KindPixelMetrics } from "./kind_pixels.ts";
import type {
  CategorySummary,
  KindSummary,
  MetricIntervals,
  MetricName,
  MetricValues,
  MetricWarning,
} from "../results/summary.ts";

/** Values of those metrics that have replicates, one for each draw. */
export type MetricReplicates = Readonly<
  Partial<Record<MetricName, Float64Array>>
>;

/**
 * The exact values of pixel metrics, by the names that lib/metrics has.
 *
 * @param values All values.
 */
export function pixelValues(
  values: Readonly<Partial<MetricValues>>,
): PixelValues {
  return {
    auroc: values.p_auroc ?? null,
    averagePrecision: values.p_ap ?? null,
    f1Max: values.p_f1max ?? null,
    aupro: values.aupro ?? null,
    aupro200: values.aupro_200 ?? null,
  };
}

/**
 * Computes all metrics that have an interval, of images that are drawn anew.
 *
 * @param values The exact values.
 * @param from Scores of images, and pixels by groups; null where some are
 * missing.
 */
export function metricReplicates(
  values: MetricValues,
  { scores, groups }: {
    readonly scores: ImageScores;
    readonly groups: PixelGroups | null;
  },
): MetricReplicates {
  const images = scores.replicates();
  const pixels = groups?.replicates(pixelValues(values));
  const replicates: Record<MetricName, Float64Array | undefined> = {
    i_auroc: images?.auroc,
    i_ap: images?.averagePrecision,
    i_f1max: images?.f1Max,
    p_auroc: pixels?.auroc,
    p_ap: pixels?.averagePrecision,
    p_f1max: pixels?.f1Max,
    aupro: pixels?.aupro,
    aupro_200: pixels?.aupro200,
  };
  return Object.fromEntries(
    Object.entries(replicates).filter(([, found]) => found !== undefined),
  );
}

/**
 * The intervals of metrics.
 *
 * @param replicates Their values, one for each draw.
 */
export function metricIntervals(replicates: MetricReplicates): MetricIntervals {
  return Object.fromEntries(
    Object.entries(replicates).map(([name, values]) =>
      [name, percentileInterval(values)] as const
    ),
  );
}

/**
 * Tells what must be doubted of the metrics of images.
 *
 * @param scores The scores of a category.
 * @param intervals Those of its metrics.
 */
export function doubts(
  scores: ImageScores,
  { i_auroc }: MetricIntervals,
): Pick<CategorySummary, "warnings"> {
  const warnings: MetricWarning[] = [];
  if (scores.bestThreshold()?.falsePositives === scores.good) {
    warnings.push("all_defective");
  }
  if (i_auroc !== undefined && i_auroc[0] <= 0.5) warnings.push("chance");
  return warnings.length === 0 ? {} : { warnings };
}

function summarise(kind: ImageScores, all: ImageScores): KindSummary {
  const scores = kind.against(all);
  const interval = scores.intervals()?.auroc;
  return {
    images: kind.defective,
    i_auroc: scores.auroc().value,
    ...interval !== undefined && { interval },
  };
}

/** Scores of defective images by the kind of their defect. */
export class KindScores {
  readonly #kinds = new Map<string, ImageScores>();

  /** The scores of a kind, to be added to. */
  of(name: string): ImageScores {
    const kind = this.#kinds.get(name) ?? new ImageScores();
    this.#kinds.set(name, kind);
    return kind;
  }

  /** The bytes of each kind, ordered by name; nothing without any kind. */
  state(): { readonly kinds?: Readonly<Record<string, Uint8Array>> } {
    return this.#entries((kind) => kind.toBytes());
  }

  /**
   * Each kind against all good images; nothing without any kind.
   *
   * @param all The scores of the whole category.
   * @param pixels Metrics of pixels by kind.
   */
  summary(
    all: ImageScores,
    pixels: ReadonlyMap<string, KindPixelMetrics>,
  ): Pick<CategorySummary, "kinds"> {
    return this.#entries((kind, name) => ({
      ...summarise(kind, all),
      ...pixels.get(name),
    }));
  }

  #entries<T>(
    make: (kind: ImageScores, name: string) => T,
  ): { readonly kinds?: Readonly<Record<string, T>> } {
    if (this.#kinds.size === 0) return {};
    const sorted = [...this.#kinds].sort(([a], [b]) => a < b ? -1 : 1);
    const made = sorted.map(([name, kind]) =>
      [name, make(kind, name)] as const
    );
    return { kinds: Object.fromEntries(made) };
  }
}
