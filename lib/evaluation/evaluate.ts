/**
 * Evaluation: a detector over a data set.
 *
 * Decoding the next images, counting and writing the last ones all happen
 * while the detector's session, in a worker of its own, is busy.
 *
 * @module
 */
import type { DataSet, Sample } from "../data/sample.ts";
import { Gallery } from "../results/gallery.ts";
import type { CategorySummary, ScoreRow } from "../results/summary.ts";
import { ahead, batches } from "../async/ahead.ts";
import { CategoryTally, type TallyCurves } from "./category_tally.ts";
import type { Detection } from "../detector/detector.ts";
import type { ImageDetector } from "./image_detector.ts";
import { orAbort } from "../async/abortable.ts";
import { type FailedImage, prepare, type PreparedImage } from "./prepare.ts";
import { complaintAbout, failedRow, scoredRow } from "./rows.ts";
import { makeThumbnails } from "./thumbnails.ts";

/** The maps of one image, to be written somewhere. */
export interface ImageMaps {
  /** Path below the data root with `/`; never leads out of a folder. */
  readonly key: string;
  /** Pixels per row and column of the maps. */
  readonly side: number;
  /** M, 0 to 1. */
  readonly anomalyMap: Float32Array; // [side, side]
  /** log M - log(1 - M). */
  readonly logitMap: Float32Array; // [side, side]
}

/** Takes the maps of each image as it is done, in any order. */
export interface MapSink {
  /** Resolves when the maps are written; rejecting ends the evaluation. */
  write(maps: ImageMaps): Promise<void>;
}

/** Options of {@linkcode evaluate}. */
export interface EvaluateOptions {
  /**
   * Images per call of the detector, of whatever categories.
   *
   * @default {1}
   */
  readonly batchSize?: number;
  /**
   * The values that the first and the last colour of heatmaps stand for.
   *
   * @default {[0, 1]}
   */
  readonly heatRange?: readonly [number, number];
  /** Takes the maps; without one they are dropped. */
  readonly sink?: MapSink;
  /** Ends the evaluation early, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each image. */
  readonly onImage?: () => void;
}

/** Everything that an evaluation finds out. */
export interface Evaluation {
  /** One row per image, ordered by key (code units). */
  readonly rows: readonly ScoreRow[];
  /** Counts and metrics by category, in the order of the data set. */
  readonly categories: Readonly<Record<string, CategorySummary>>;
  /** Curves by category. */
  readonly curves: Readonly<Record<string, TallyCurves>>;
  /** The images to show. */
  readonly gallery: Gallery;
}

/** Images decoded while another one is awaited. */
const IMAGES_AHEAD = 2;

function ignore(): void {}

function compareKeys(a: ScoreRow, b: ScoreRow): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** What one evaluation gathers. */
class Run {
  readonly rows: ScoreRow[] = [];
  readonly tallies: Map<string, CategoryTally>;
  readonly gallery = new Gallery();
  readonly #detector: ImageDetector;
  readonly #options: EvaluateOptions;

  constructor(
    detector: ImageDetector,
    categories: readonly string[],
    options: EvaluateOptions,
  ) {
    this.#detector = detector;
    this.#options = options;
    this.tallies = new Map(
      categories.map((category) => [category, new CategoryTally()]),
    );
  }

  /** Prepares samples ahead; what fails is recorded and left out. */
  async *prepared(samples: AsyncIterable<Sample>): AsyncGenerator<
    PreparedImage
  > {
    const images = ahead(
      samples,
      (sample) => prepare(sample, this.#detector),
      IMAGES_AHEAD,
    );
    for await (const image of images) {
      if ("error" in image) this.#fail(image);
      else yield image;
    }
  }

  /** Detects a batch and records it. */
  async detect(batch: readonly PreparedImage[]): Promise<void> {
    const detections = await this.#detector.detect(
      batch.map(({ pixels, sample: { category } }) => ({ pixels, category })),
    );
    for (const [index, image] of batch.entries()) {
      await this.#record(image, detections[index]!);
    }
  }

  #tally(category: string): CategoryTally {
    const tally = this.tallies.get(category) ?? new CategoryTally();
    this.tallies.set(category, tally);
    return tally;
  }

  #fail({ sample, error }: FailedImage, size?: PreparedImage): void {
    this.#tally(sample.category).addFailure();
    this.rows.push(failedRow(sample, error, size));
    this.#options.onImage?.();
  }

  async #record(image: PreparedImage, detection: Detection): Promise<void> {
    const { sample } = image;
    const error = complaintAbout(detection);
    if (error !== null) return this.#fail({ sample, error }, image);
    const { key, category } = sample;
    const { anomalyMap, logitMap } = detection;
    this.#tally(category).add(image, detection);
    this.rows.push(scoredRow(image, detection));
    const { side } = this.#detector;
    const written = this.#options.sink?.write(
      { key, side, anomalyMap, logitMap },
    );
    await Promise.all([written, this.#show(image, detection)]);
    this.#options.onImage?.();
  }

  async #show(image: PreparedImage, detection: Detection): Promise<void> {
    const { key, category, label } = image.sample;
    const { imageScore: score, scoreLogit: score_logit } = detection;
    const candidate = { key, category, label, score_logit };
    if (!this.gallery.wants(candidate)) return;
    const { side } = this.#detector;
    const { heatRange = [0, 1] } = this.#options;
    const pictures = await makeThumbnails(image, detection, {
      side,
      heatRange,
    });
    this.gallery.offer({ ...candidate, score, ...pictures });
  }
}

/**
 * Runs a detector over every sample of a data set. The result does not depend
 * on the order of samples or on how they are batched. An image that cannot be
 * read becomes a row with the reason.
 *
 * @param detector The detector
 * @param dataSet The samples
 * @param options Batch size, where maps go, how to stop
 * @returns Rows, metrics, curves and a gallery
 * @throws {DataSetError} If the data set cannot be read any further
 */
export async function evaluate(
  detector: ImageDetector,
  dataSet: DataSet,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { batchSize = 1, signal } = options;
  const run = new Run(detector, dataSet.categories, options);
  const pending: Promise<void>[] = [];
  // One batch for each session, and one that waits.
  const limit = (detector.sessions ?? 1) + 1;
  const images = run.prepared(dataSet.samples());
  for await (const batch of batches(images, batchSize)) {
    signal?.throwIfAborted();
    const done = run.detect(batch);
    done.catch(ignore);
    pending.push(done);
    if (pending.length < limit) continue;
    await orAbort(pending.shift()!, signal);
  }
  await orAbort(Promise.all(pending), signal);
  const tallies = [...run.tallies];
  return {
    rows: run.rows.sort(compareKeys),
    categories: Object.fromEntries(
      tallies.map(([name, tally]) => [name, tally.summary()]),
    ),
    curves: Object.fromEntries(
      tallies.map(([name, tally]) => [name, tally.curves()]),
    ),
    gallery: run.gallery,
  };
}
