/**
 * Counts and metrics of one category, image by image.
 *
 * @module
 */
import { MASK_NOTES, type MaskNote } from "../data/sample.ts";
import { absent, type Metric } from "../metrics/metric.ts";
import { ImageScores } from "../metrics/image_scores.ts";
import type { DefectMask } from "../metrics/connected_components.ts";
import { PixelGroups } from "../metrics/pixel_groups.ts";
import { PixelCounts } from "../metrics/pixel_counts.ts";
import type { RocCurve } from "../metrics/roc_curve.ts";
import {
  type CategorySummary,
  type MetricName,
  METRICS,
  type MetricValues,
} from "../results/summary.ts";
import type { Detection } from "../detector/detector.ts";
import { NoteCounts } from "./note_counts.ts";
import {
  doubts,
  KindScores,
  metricIntervals,
  type MetricReplicates,
  metricReplicates,
} from "./category_figures.ts";
import { KindPixels } from "./kind_pixels.ts";
import type { PreparedImage } from "./prepare.ts";
import type { TallyState } from "./tally_state.ts";

/** The curves of one category. */
export interface TallyCurves {
  /** ROC of images; null if it cannot be computed. */
  readonly image: RocCurve | null;
  /** ROC of pixels; null if it cannot be computed. */
  readonly pixel: RocCurve | null;
}

/** Counts and accumulators of one category; the order of images is irrelevant. */
export class CategoryTally {
  readonly #scores = new ImageScores();
  readonly #pixels = new PixelCounts();
  #images = 0;
  #errors = 0;
  #labelled = 0;
  #masksMissing = 0;
  #masksLost = 0;
  readonly #maskNotes = new Map<MaskNote, number>();
  readonly #noted = new NoteCounts();
  readonly #kinds = new KindScores();
  readonly #kindPixels = new KindPixels();
  #groups: PixelGroups | null = new PixelGroups();
  #replicates: MetricReplicates = {};
  #masks = 0;
  #hasPixels = false;

  /** Counts an image without a score. */
  addFailure(): void {
    this.#images++;
    this.#errors++;
  }

  /**
   * Counts an image.
   *
   * @param image The image, with its label and mask.
   * @param detection Its maps and scores, without NaN.
   */
  add(image: PreparedImage, detection: Detection): void {
    const { sample: { key, label, defect }, map, mask, maskNotes } = image;
    this.#images++;
    this.#noted.add(image);
    if (label === null) return;
    this.#labelled++;
    this.#scores.add(detection.scoreLogit, label);
    if (label === 1 && defect !== null) {
      this.#kinds.of(defect).add(detection.scoreLogit, label);
    }
    for (const note of maskNotes) this.#count(note, 1);
    if (label === 1 && mask === null) {
      if (maskNotes.length === 0) this.#masksMissing++;
      return;
    }
    const logits = new Float16Array(detection.logitMap);
    if (label === 0 || mask === null) return this.#addPixels(key, logits, null);
    if (!mask.includes(1)) this.#masksLost++;
    else this.#masks++;
    const defects = { ...map, data: mask };
    this.#addPixels(key, logits, defects);
    this.#kindPixels.add(defect ?? "", logits, defects);
  }

  #addPixels(key: string, logits: Float16Array, mask: DefectMask | null): void {
    this.#hasPixels = true;
    this.#pixels.add(logits, mask);
    this.#groups?.add(key, logits, mask);
  }

  /** The counts so far. */
  state(): TallyState {
    return {
      images: this.#images,
      errors: this.#errors,
      labelled: this.#labelled,
      masksMissing: this.#masksMissing,
      masksLost: this.#masksLost,
      ...this.#noteCounts(),
      ...this.#noted.state(),
      scores: this.#scores.toBytes(),
      pixels: this.#hasPixels ? this.#pixels.toBytes() : null,
      masks: this.#masks,
      ...this.#groups !== null && {
        groups: this.#hasPixels ? this.#groups.toBytes() : null,
      },
      ...this.#kinds.state(),
      ...this.#masks + this.#masksLost > 0 && {
        kindPixels: this.#kindPixels.state(),
      },
    };
  }

  /**
   * Adds all images of another part of the same category. Metrics are bit for bit
   * those of a tally to which all images were added, in any order.
   *
   * @param other The other part.
   * @throws {RangeError} If its scores or pixels are incomplete.
   */
  merge(other: TallyState): void {
    const scores = ImageScores.fromBytes(other.scores);
    const kinds = Object.entries(other.kinds ?? {}).map(([name, bytes]) =>
      [name, ImageScores.fromBytes(bytes)] as const
    );
    const groups = other.groups == null
      ? null
      : PixelGroups.fromBytes(other.groups);
    if (other.pixels !== null) {
      this.#pixels.merge(PixelCounts.fromBytes(other.pixels));
      this.#hasPixels = true;
    }
    if (groups !== null) this.#groups?.merge(groups);
    else if (other.pixels !== null) this.#groups = null;
    this.#scores.merge(scores);
    for (const [name, kind] of kinds) this.#kinds.of(name).merge(kind);
    const hasMasks = (other.masks ?? 0) + other.masksLost > 0;
    if (hasMasks) this.#kindPixels.merge(other.kindPixels ?? null);
    this.#masks += other.masks ?? 0;
    this.#images += other.images;
    this.#errors += other.errors;
    this.#labelled += other.labelled;
    this.#noted.merge(other);
    this.#masksMissing += other.masksMissing;
    this.#masksLost += other.masksLost;
    for (const note of MASK_NOTES) {
      const count = other.maskNotes?.[note] ?? 0;
      if (count > 0) this.#count(note, count);
    }
  }

  /** What {@linkcode CategoryTally.summary} drew; none before it. */
  get replicates(): MetricReplicates {
    return this.#replicates;
  }

  /** Pixels by groups of images; null where some are missing. */
  get groups(): PixelGroups | null {
    return this.#hasPixels ? this.#groups : null;
  }

  /** Counts and metrics, with a reason for each that is absent. */
  summary(): CategorySummary {
    const measured = Object.entries(this.#measure()) as [MetricName, Metric][];
    const metrics = measured.map(([name, { value }]) => [name, value] as const);
    const reasons = measured.flatMap(([name, { absent }]) =>
      absent === undefined ? [] : [[name, absent] as const]
    );
    const values = Object.fromEntries(metrics) as MetricValues;
    const replicates = metricReplicates(values, {
      scores: this.#scores,
      groups: this.#groups,
    });
    this.#replicates = replicates;
    const intervals = metricIntervals(replicates);
    return {
      images: this.#images,
      errors: this.#errors,
      good: this.#scores.good,
      defective: this.#scores.defective,
      unlabelled: this.#images - this.#errors - this.#labelled,
      masks: this.#masks,
      masks_missing: this.#masksMissing,
      masks_lost: this.#masksLost,
      ...this.#maskNotes.size > 0 && {
        mask_notes: Object.fromEntries(this.#maskNotes),
      },
      ...this.#noted.summary(),
      ...values,
      ...doubts(this.#scores, intervals),
      intervals,
      ...this.#kinds.summary(
        this.#scores,
        this.#kindPixels.metrics(this.#pixels),
      ),
      absent: Object.fromEntries(reasons),
    };
  }

  #count(note: MaskNote, count: number): void {
    this.#maskNotes.set(note, (this.#maskNotes.get(note) ?? 0) + count);
  }

  #noteCounts(): Pick<TallyState, "maskNotes"> {
    return this.#maskNotes.size === 0
      ? {}
      : { maskNotes: Object.fromEntries(this.#maskNotes) };
  }

  /** The curves to plot. */
  curves(): TallyCurves {
    return {
      image: this.#scores.rocCurve(),
      pixel: this.#pixels.rocCurve(),
    };
  }

  #measure(): Record<MetricName, Metric> {
    const nothing = this.#nothing();
    if (nothing !== null) {
      const entries = METRICS.map((name) => [name, absent(nothing)] as const);
      return Object.fromEntries(entries) as Record<MetricName, Metric>;
    }
    return {
      i_auroc: this.#scores.auroc(),
      i_ap: this.#scores.averagePrecision(),
      i_f1max: this.#scores.f1Max(),
      p_auroc: this.#pixels.auroc(),
      p_ap: this.#pixels.averagePrecision(),
      p_f1max: this.#pixels.f1Max(),
      aupro: this.#pixels.aupro(),
      aupro_200: this.#pixels.aupro200(),
    };
  }

  /** The reason why no metric at all can be computed, if there is one. */
  #nothing(): string | null {
    if (this.#images === 0) return "no image";
    if (this.#images === this.#errors) return "no image that could be read";
    return this.#labelled === 0 ? "no label" : null;
  }
}
