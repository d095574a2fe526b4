/**
 * Pixel-level metrics: P-AUROC, P-AP, P-F1-max and AUPRO.
 *
 * @module
 */
import {
  aupro,
  aupro200,
  type AuproOptions,
  type RegionRanking,
} from "./aupro.ts";
import {
  type Components,
  connectedComponents,
  type DefectMask,
} from "./connected_components.ts";
import { LEFT_OUT_BITS } from "./left_out.ts";
import { absent, measured, type Metric } from "./metric.ts";
import { countsNaN, Tally, WideTally } from "./float16_tally.ts";
import {
  decodeBins,
  encodeBins,
  type PixelBins,
  rankBins,
} from "./pixel_bins.ts";
import { auroc, averagePrecision, f1Max } from "./ranking.ts";
import { type RocCurve, rocCurve } from "./roc_curve.ts";

/** Sum of the weights of a region's pixels, apart from rounding. */
const REGION_WEIGHT = 2 ** 40;

function shift(counts: Uint32Array, patterns: Uint16Array, by: number): void {
  for (let i = 0; i < patterns.length; i++) counts[patterns[i]!]! += by;
}

/** Why the pixels cannot be ranked; null if they can. */
function missing({ pixels, defective }: PixelBins): string | null {
  if (!defective.some((count) => count > 0)) return "no mask with a defect";
  return pixels.some((count, i) => count > defective[i]!)
    ? null
    : "no good pixel";
}

function addTo(target: Float64Array, source: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += source[i]!;
}

/**
 * Integer counts of the pixels of one category over the 65,536 float16 values
 * of the logit map. They take 3 MB, however many images there are. All metrics
 * are exact for those values. Everything it returns, bytes included, is the same
 * bit for bit in whatever order images were added and parts were merged.
 *
 * @example Usage
 * ```ts
 * import { PixelCounts } from "./pixel_counts.ts";
 * import assert from "node:assert/strict";
 *
 * const counts = new PixelCounts();
 * counts.add(new Float32Array([-5, -4, 2, -6]), {
 *   width: 2,
 *   height: 2,
 *   data: new Uint8Array([0, 0, 1, 0]),
 * });
 * counts.add(new Float32Array([-5, -3, -6, -6]), null);
 * assert.deepEqual(counts.auroc(), { value: 1 });
 * assert.deepEqual(counts.aupro(), { value: 1 });
 * ```
 */
export class PixelCounts {
  readonly #pixels = new Tally();
  readonly #defective = new Tally();
  readonly #weights = new WideTally();
  #rounded = new Float16Array(0);

  /**
   * Adds one image.
   *
   * @param logits Logit map, log M - log(1 - M), at the mask's size; float32 is
   * rounded to the nearest float16, ties to even. Infinities are allowed, and
   * pixels of `LEFT_OUT` do not count.
   * @param mask Where the product is defective, among the pixels that count;
   * null for a good image.
   * @throws {TypeError} If map and mask differ in size.
   * @throws {RangeError} If the map holds NaN; nothing is added then.
   */
  add(logits: Float32Array | Float16Array, mask: DefectMask | null): void {
    if (mask !== null && mask.data.length !== logits.length) {
      throw new TypeError(
        "Cannot count pixels as the mask must have as many as the logit map, " +
          `${logits.length}: current value is ${mask.data.length}`,
      );
    }
    const components = mask === null ? null : connectedComponents(mask);
    const patterns = this.#patterns(logits);
    const counts = this.#pixels.reserve(patterns.length);
    shift(counts, patterns, 1);
    if (countsNaN(counts)) {
      shift(counts, patterns, -1);
      throw new RangeError(
        "Cannot count pixels as the logit map must hold numbers only: " +
          "current value is NaN",
      );
    }
    counts[LEFT_OUT_BITS] = 0;
    if (components !== null) this.#addRegions(components, patterns);
  }

  /** Adds all images of another part of the same category. */
  merge(other: PixelCounts): void {
    this.#absorb(other.#bins());
  }

  /**
   * The same without the pixels of a part that was added to it.
   *
   * @param part The part.
   */
  without(part: PixelCounts): PixelCounts {
    const rest = new PixelCounts();
    rest.merge(this);
    const { pixels, defective, weights } = part.#bins();
    const minus = (sums: Float64Array) => sums.map((sum) => -sum);
    rest.#absorb({
      pixels: minus(pixels),
      defective: minus(defective),
      weights: { high: minus(weights.high), low: minus(weights.low) },
    });
    return rest;
  }

  /** Area under the ROC over all pixels. */
  auroc(): Metric {
    return this.#metric(auroc);
  }

  /** Average precision over all pixels. */
  averagePrecision(): Metric {
    return this.#metric(averagePrecision);
  }

  /** Highest F1 over all pixels and thresholds. */
  f1Max(): Metric {
    return this.#metric(f1Max);
  }

  /**
   * AUPRO, exact: 8-connected regions, mean over all regions of the category.
   *
   * @throws {RangeError} If `fprLimit` is out of range.
   */
  aupro(options: AuproOptions = {}): Metric {
    return this.#metric((ranking) => aupro(ranking, options));
  }

  /** AUPRO at 200 thresholds over the anomaly map, as published tables. */
  aupro200(): Metric {
    return this.#metric((ranking) =>
      aupro200(ranking) ??
        "fewer than two of the thresholds differ in false-positive rate " +
          "below 0.3"
    );
  }

  /** The ROC for plotting; null where {@linkcode auroc} is absent. */
  rocCurve(): RocCurve | null {
    const bins = this.#bins();
    return missing(bins) === null ? rocCurve(rankBins(bins)) : null;
  }

  /** Packs the counts for {@linkcode PixelCounts.fromBytes}. */
  toBytes(): Uint8Array {
    return encodeBins(this.#bins());
  }

  /**
   * Unpacks what {@linkcode PixelCounts.toBytes} made.
   *
   * @throws {RangeError} If the bytes are not whole pixel counts.
   */
  static fromBytes(bytes: Uint8Array): PixelCounts {
    const counts = new PixelCounts();
    counts.#absorb(decodeBins(bytes));
    return counts;
  }

  /** The bits of the map in float16, valid until the next call. */
  #patterns(logits: Float32Array | Float16Array): Uint16Array {
    if (logits instanceof Float16Array) {
      return new Uint16Array(logits.buffer, logits.byteOffset, logits.length);
    }
    if (this.#rounded.length !== logits.length) {
      this.#rounded = new Float16Array(logits.length);
    }
    this.#rounded.set(logits);
    return new Uint16Array(this.#rounded.buffer);
  }

  #addRegions(components: Components, patterns: Uint16Array): void {
    const { areas, starts, ends, regions } = components;
    const weights = Float64Array.from(
      areas,
      (area) => Math.round(REGION_WEIGHT / area),
    );
    const defective = this.#defective.reserve(patterns.length);
    for (let run = 0; run < starts.length; run++) {
      const start = starts[run]!;
      const end = ends[run]!;
      const weight = weights[regions[run]!]!;
      const sums = this.#weights.reserve(weight * (end - start));
      for (let i = start; i < end; i++) {
        const bits = patterns[i]!;
        defective[bits]!++;
        sums[bits]! += weight;
      }
    }
  }

  #bins(): PixelBins {
    return {
      pixels: this.#pixels.totals(),
      defective: this.#defective.totals(),
      weights: this.#weights.totals(),
    };
  }

  #absorb(bins: PixelBins): void {
    addTo(this.#pixels.totals(), bins.pixels);
    addTo(this.#defective.totals(), bins.defective);
    this.#weights.add(bins.weights);
  }

  #metric(compute: (ranking: RegionRanking) => number | string): Metric {
    const bins = this.#bins();
    const metric = missing(bins) ?? compute(rankBins(bins));
    return typeof metric === "number" ? measured(metric) : absent(metric);
  }
}
