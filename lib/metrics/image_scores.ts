/**
 * Image-level metrics: I-AUROC, I-AP and I-F1-max.
 *
 * @module
 */
import { type RecordKind, RecordReader, RecordWriter } from "./byte_record.ts";
import { absent, measured, type Metric } from "./metric.ts";
import {
  type ImageIntervals,
  imageIntervals,
  type ImageReplicates,
  imageReplicates,
} from "./bootstrap.ts";
import {
  auroc,
  averagePrecision,
  type BestThreshold,
  bestThreshold,
  f1Max,
  rank,
  type Ranking,
} from "./ranking.ts";
import { type RocCurve, rocCurve } from "./roc_curve.ts";

const KIND: RecordKind = { name: "image scores", magic: "MFPI", version: 1 };

function sorted(scores: number[]): Float64Array {
  return Float64Array.from(scores).sort();
}

function append(target: number[], scores: ArrayLike<number>): void {
  const count = scores.length;
  for (let i = 0; i < count; i++) target.push(scores[i]!);
}

/**
 * Image scores of one category, 8 bytes an image. All that it returns, bytes
 * included, is bit for bit the same in whatever order images were added and
 * parts were merged.
 *
 * @example Usage
 * ```ts
 * import { ImageScores } from "./image_scores.ts";
 * import assert from "node:assert/strict";
 *
 * const scores = new ImageScores();
 * scores.add(-3.5, 0);
 * scores.add(1.25, 1);
 * assert.deepEqual(scores.auroc(), { value: 1 });
 * ```
 */
export class ImageScores {
  readonly #good: number[] = [];
  readonly #defective: number[] = [];

  /**
   * Adds one image.
   *
   * @param score Image score; any monotonic scale does, `score_logit` does not
   * saturate. Infinities are allowed.
   * @param label 1 defective, 0 good.
   * @throws {RangeError} If the score is NaN.
   */
  add(score: number, label: 0 | 1): void {
    if (Number.isNaN(score)) {
      throw new RangeError(
        "Cannot add an image score as it must be a number: " +
          "current value is NaN",
      );
    }
    // + 0 makes -0 the same score as 0
    (label === 1 ? this.#defective : this.#good).push(score + 0);
  }

  /** Good images so far. */
  get good(): number {
    return this.#good.length;
  }

  /** Defective images so far. */
  get defective(): number {
    return this.#defective.length;
  }

  /** The scores of these defective images beside all good ones of another. */
  against(other: ImageScores): ImageScores {
    const scores = new ImageScores();
    append(scores.#good, other.#good);
    append(scores.#defective, this.#defective);
    return scores;
  }

  /** Adds all images of another part of the same category. */
  merge(other: ImageScores): void {
    append(this.#good, other.#good);
    append(this.#defective, other.#defective);
  }

  /** Area under the ROC, exact with ties as scikit-learn. */
  auroc(): Metric {
    return this.#metric(auroc);
  }

  /** Average precision, exact with ties as scikit-learn. */
  averagePrecision(): Metric {
    return this.#metric(averagePrecision);
  }

  /** Highest F1 over all thresholds. */
  f1Max(): Metric {
    return this.#metric(f1Max);
  }

  /** Metrics of images drawn anew; null with fewer than two of a label. */
  replicates(): ImageReplicates | null {
    const good = sorted(this.#good);
    return imageReplicates({ good, defective: sorted(this.#defective) });
  }

  /** Intervals of the metrics; null with fewer than two images of a label. */
  intervals(): ImageIntervals | null {
    const good = sorted(this.#good);
    return imageIntervals({ good, defective: sorted(this.#defective) });
  }

  /** The threshold of highest F1; null where {@linkcode auroc} is absent. */
  bestThreshold(): BestThreshold | null {
    return this.#missing() === null ? bestThreshold(this.#ranking()) : null;
  }

  /** The ROC for plotting; null where {@linkcode auroc} is absent. */
  rocCurve(): RocCurve | null {
    return this.#missing() === null ? rocCurve(this.#ranking()) : null;
  }

  /** Packs all scores for {@linkcode ImageScores.fromBytes}. */
  toBytes(): Uint8Array {
    const writer = new RecordWriter(KIND);
    writer.integer(this.#good.length);
    writer.integer(this.#defective.length);
    writer.floats(sorted(this.#good));
    writer.floats(sorted(this.#defective));
    return writer.finish();
  }

  /**
   * Unpacks what {@linkcode ImageScores.toBytes} made.
   *
   * @throws {RangeError} If the bytes are not whole image scores.
   */
  static fromBytes(bytes: Uint8Array): ImageScores {
    const reader = new RecordReader(KIND, bytes);
    const scores = new ImageScores();
    const good = reader.integer();
    const defective = reader.integer();
    append(scores.#good, reader.floats(good));
    append(scores.#defective, reader.floats(defective));
    reader.finish();
    if ([scores.#good, scores.#defective].some((s) => s.includes(NaN))) {
      reader.refuse("must hold numbers", "NaN");
    }
    return scores;
  }

  #missing(): string | null {
    if (this.#defective.length === 0) return "no defective image";
    return this.#good.length === 0 ? "no good image" : null;
  }

  #ranking(): Ranking {
    return rank(sorted(this.#defective), sorted(this.#good));
  }

  #metric(compute: (ranking: Ranking) => number): Metric {
    const missing = this.#missing();
    return missing === null
      ? measured(compute(this.#ranking()))
      : absent(missing);
  }
}
