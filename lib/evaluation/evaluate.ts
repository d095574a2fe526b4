/**
 * Evaluation: a detector over a data set.
 *
 * @module
 */
import { orAbort } from "../async/abortable.ts";
import type { DataSet, Sample } from "../data/sample.ts";
import type { PixelGroups } from "../metrics/pixel_groups.ts";
import type {
  CategorySummary,
  MetricIntervals,
  ScoreRow,
} from "../results/summary.ts";
import { CategoryTally, type TallyCurves } from "./category_tally.ts";
import { evaluationOf } from "./evaluation_of.ts";
import type { ImageDetector } from "./image_detector.ts";
import { nameError } from "./output_folder.ts";
import { prepare, type PreparedImage } from "./prepare.ts";
import { detectionError } from "../methods/detection.ts";
import type { Criteria } from "../results/verdict.ts";
import { failedRow, scoredRow } from "./rows.ts";
import {
  type EvaluatedImage,
  evaluateImages,
  type FailedImage,
} from "./evaluate_images.ts";

export type { EvaluatedImage };

/** Options of {@linkcode evaluate}. */
export interface EvaluateOptions {
  /**
   * Images per call of the detector, of whatever categories.
   *
   * @default {1}
   */
  readonly batchSize?: number;
  /**
   * Takes the maps of each image that has a score, for example to write them.
   * The next images are scored meanwhile. If it rejects, the evaluation ends
   * with that error.
   */
  readonly onScored?: (found: EvaluatedImage) => Promise<void>;
  /**
   * The thresholds of categories. With them, rows have verdicts.
   *
   * @default {no thresholds}
   */
  readonly criteria?: Criteria;
  /** Ends the evaluation early, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each image, with or without a score. */
  readonly onImage?: () => void;
}

/** The results of an evaluation. */
export interface Evaluation {
  /** One row per image, ordered by key (code units). */
  readonly rows: readonly ScoreRow[];
  /** Counts and metrics by category, in the order of the data set. */
  readonly categories: Readonly<Record<string, CategorySummary>>;
  /** Intervals of the means over categories. */
  readonly meanIntervals?: MetricIntervals;
  /** Curves by category. */
  readonly curves: Readonly<Record<string, TallyCurves>>;
  /** Pixels by groups of images, of categories that have some. */
  readonly groups?: ReadonlyMap<string, PixelGroups>;
}

/** Yields items until a signal is aborted; then throws the signal's reason. */
async function* untilAborted<T>(
  items: AsyncGenerator<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  try {
    while (true) {
      const step = await orAbort(items.next(), signal);
      if (step.done) return;
      yield step.value;
    }
  } finally {
    // Not awaited: it ends only after the step under way, which may take long.
    items.return(undefined).catch(() => {});
  }
}

/** Rows and tallies of the images so far. */
class Results {
  readonly #rows: ScoreRow[] = [];
  readonly #tallies: Map<string, CategoryTally>;

  constructor(categories: readonly string[]) {
    this.#tallies = new Map(
      categories.map((category) => [category, new CategoryTally()]),
    );
  }

  add(result: EvaluatedImage | FailedImage): void {
    const { row } = result;
    const tally = this.#tallies.get(row.category) ?? new CategoryTally();
    this.#tallies.set(row.category, tally);
    if ("detection" in result) tally.add(result.image, result.detection);
    else tally.addFailure();
    this.#rows.push(row);
  }

  evaluation(): Evaluation {
    return evaluationOf(this.#rows, [...this.#tallies]);
  }
}

/**
 * Runs a detector over every sample of a data set. An image that cannot be
 * read becomes a row with the reason.
 *
 * The result does not depend on the order of samples. Every batch has
 * `batchSize` images, the last one too, which is filled up with copies; so the
 * scores of an image do not depend on the images beside it. They do depend on
 * `batchSize` itself, as on the provider and the number of threads, in their
 * last bits: of `nano` on a CPU, `score_logit` differed by up to 6e-6 between
 * batches of 1 and of 4.
 *
 * @example Usage
 * ```ts ignore
 * const dataSet = await openDataSet("mvtec_anomaly_detection");
 * const { categories, rows } = await evaluate(detector, dataSet);
 * console.log(categories["bottle"]?.i_auroc, rows.length);
 * ```
 *
 * @param detector The detector.
 * @param dataSet The samples.
 * @param options Batch size, where maps go, and how to stop.
 * @returns Rows, metrics and curves.
 * @throws {DataSetError} If the data set cannot be read any further.
 */
export async function evaluate(
  detector: ImageDetector,
  dataSet: DataSet,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { batchSize = 1, criteria, onScored, signal, onImage } = options;
  const results = new Results(dataSet.categories);
  const scored = evaluateImages(dataSet.samples(), detector, {
    batchSize,
    async prepare(sample: Sample) {
      const tooLong = onScored === undefined ? null : nameError(sample.key);
      if (tooLong !== null) return { row: failedRow(sample, tooLong) };
      const image = await prepare(sample, detector);
      if (!("error" in image)) return image;
      return { row: failedRow(sample, image.error) };
    },
    async store(image: PreparedImage, detection) {
      const error = detectionError(detection);
      if (error !== null) return { row: failedRow(image.sample, error, image) };
      const found = {
        row: scoredRow(image, detection, criteria),
        image,
        detection,
      };
      await onScored?.(found);
      return found;
    },
  });
  for await (const result of untilAborted(scored, signal)) {
    results.add(result);
    onImage?.();
  }
  return results.evaluation();
}
