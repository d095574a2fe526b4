/**
 * Image metrics of a published score that needs all images of a product, and so
 * cannot be the score of one image.
 *
 * @module
 */
import { ImageScores } from "../metrics/image_scores.ts";
import type { GoodImageRules } from "../methods/good_image_rules.ts";
import type { EvaluatedImage } from "./evaluate_images.ts";

/** Metrics of the images of a product; null where one cannot be computed. */
export interface PublishedMetrics {
  /** Area under the ROC. */
  readonly i_auroc: number | null;
  /** Average precision. */
  readonly i_ap: number | null;
  /** Highest F1. */
  readonly i_f1max: number | null;
}

/** What is read of an image. */
interface Scored {
  readonly row: Pick<EvaluatedImage["row"], "category" | "label">;
  readonly detection: Pick<
    EvaluatedImage["detection"],
    "imageScore" | "anomalyMap"
  >;
}

interface Seen {
  readonly scores: number[];
  readonly maxima: number[];
  readonly labels: (0 | 1 | null)[];
}

/** The scores of an evaluation, computed once all images are seen. */
export class PublishedScores {
  readonly #rule: NonNullable<GoodImageRules["publishedScores"]>;
  readonly #seen = new Map<string, Seen>();

  /** Constructs without images. */
  constructor(rule: NonNullable<GoodImageRules["publishedScores"]>) {
    this.#rule = rule;
  }

  /** Takes an image whose maps are not smoothed. */
  add({ row, detection }: Scored): void {
    const { category, label } = row;
    const { imageScore, anomalyMap } = detection;
    const seen = this.#seen.get(category) ??
      { scores: [], maxima: [], labels: [] };
    this.#seen.set(category, seen);
    seen.scores.push(imageScore);
    seen.maxima.push(anomalyMap.reduce((a, b) => Math.max(a, b)));
    seen.labels.push(label);
  }

  /** Metrics of the images with a label, by category. */
  metrics(): ReadonlyMap<string, PublishedMetrics> {
    const measure = ({ scores, maxima, labels }: Seen): PublishedMetrics => {
      const images = new ImageScores();
      this.#rule(scores, maxima).forEach((score, i) => {
        const label = labels[i]!;
        if (label !== null) images.add(score, label);
      });
      return {
        i_auroc: images.auroc().value,
        i_ap: images.averagePrecision().value,
        i_f1max: images.f1Max().value,
      };
    };
    return new Map(
      [...this.#seen].map(([category, seen]) => [category, measure(seen)]),
    );
  }
}
