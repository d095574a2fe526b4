/**
 * What is said of the metrics of one category: intervals, doubts, and kinds of
 * defects.
 *
 * @module
 */
import type { Interval } from "../metrics/bootstrap.ts";
import { ImageScores } from "../metrics/image_scores.ts";
import type { PixelGroups } from "../metrics/pixel_groups.ts";
import type {
  CategorySummary,
  KindSummary,
  MetricIntervals,
  MetricName,
  MetricValues,
  MetricWarning,
} from "../results/summary.ts";

/**
 * Computes the intervals of all metrics that have one.
 *
 * @param values The exact values.
 * @param from Scores of images, and pixels by groups; null where some are
 * missing.
 */
export function metricIntervals(
  values: MetricValues,
  { scores, groups }: {
    readonly scores: ImageScores;
    readonly groups: PixelGroups | null;
  },
): MetricIntervals {
  const images = scores.intervals();
  const pixels = groups?.intervals({
    auroc: values.p_auroc,
    averagePrecision: values.p_ap,
    f1Max: values.p_f1max,
    aupro: values.aupro,
    aupro200: values.aupro_200,
  });
  const intervals: Record<MetricName, Interval | undefined> = {
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
    Object.entries(intervals).filter(([, interval]) => interval !== undefined),
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
   */
  summary(all: ImageScores): Pick<CategorySummary, "kinds"> {
    return this.#entries((kind) => summarise(kind, all));
  }

  #entries<T>(
    make: (kind: ImageScores) => T,
  ): { readonly kinds?: Readonly<Record<string, T>> } {
    if (this.#kinds.size === 0) return {};
    const sorted = [...this.#kinds].sort(([a], [b]) => a < b ? -1 : 1);
    const made = sorted.map(([name, kind]) => [name, make(kind)] as const);
    return { kinds: Object.fromEntries(made) };
  }
}
