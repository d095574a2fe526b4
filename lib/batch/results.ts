/**
 * Images of a run in, rows out, with reading, decoding, scoring and storing
 * all under way at the same time.
 *
 * @module
 */
import type { Detection } from "../detector/detector.ts";
import { ahead, batches } from "../async/ahead.ts";
import type { PreparedImage } from "../evaluation/prepare.ts";
import {
  type Attempt,
  prepareItem,
  type Result,
  storeHeatmap,
} from "./attempt.ts";
import type { Grace } from "./grace.ts";
import { type ItemFiles, itemFiles } from "./item_files.ts";
import type { Plan, PlanItem, ShardDetector } from "./run.ts";
import type { Stores } from "./stores.ts";

/** Files that are read while the first of them is awaited. */
const FILES_AHEAD = 8;
/** Images that are decoded while the first of them is awaited. */
const IMAGES_AHEAD = 2;
/** Heatmaps that are stored while the first of them is awaited. */
const HEATMAPS_AHEAD = 8;

/** Options of {@linkcode results}. */
export interface ResultsOptions {
  /** The detector. */
  readonly detector: ShardDetector;
  /** Opens the input. */
  readonly stores: Stores;
  /** Images per call of the detector. */
  readonly batchSize: number;
  /** When to stop. */
  readonly grace: Grace;
}

type Looked = readonly [Attempt, Detection | undefined];

async function* taken(
  files: AsyncIterable<ItemFiles>,
  grace: Grace,
): AsyncGenerator<ItemFiles> {
  for await (const file of files) {
    if (grace.isStopping) return;
    yield file;
  }
}

/** Starts reading; a failure is met where the bytes are asked for. */
async function fetchFile(files: ItemFiles): Promise<ItemFiles> {
  const bytes = files.image();
  await bytes.catch(() => {});
  return { ...files, image: () => bytes };
}

function isPrepared(attempt: Attempt): attempt is PreparedImage {
  return "pixels" in attempt;
}

/**
 * A network gives other last bits for a batch of another size, so one that a
 * bad image or the end of a shard left short is filled up.
 */
function filled<T>(inputs: readonly T[], size: number): readonly T[] {
  const last = inputs.at(-1);
  if (last === undefined) return inputs;
  return Array.from({ length: size }, (_, i) => inputs[i] ?? last);
}

async function look(
  batch: readonly Attempt[],
  { detector, batchSize }: Pick<ResultsOptions, "detector" | "batchSize">,
): Promise<Looked[]> {
  const inputs = batch.filter(isPrepared).map(({ pixels, sample }) => ({
    pixels,
    category: sample.category,
  }));
  const all = await detector.detect(filled(inputs, batchSize));
  const detections = all.values();
  return batch.map((attempt) => [
    attempt,
    isPrepared(attempt) ? detections.next().value : undefined,
  ]);
}

async function* flatten<T>(
  batches: AsyncIterable<readonly T[]>,
): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

/**
 * Scores images and stores their heatmaps.
 *
 * @param plan The run.
 * @param items Some of its images, in the order of the run.
 * @param options The detector, the input, and when to stop.
 * @yields What became of each image, in that order; fewer where it was told
 * to stop.
 * @throws {DataSetError} If the input is an archive that is damaged or has
 * changed.
 * @throws {StorageError} If a store fails.
 * @throws {SessionError} If the detector fails.
 */
export function results(
  plan: Plan,
  items: readonly PlanItem[],
  { detector, stores, batchSize, grace }: ResultsOptions,
): AsyncGenerator<Result> {
  const signal = grace.images;
  const { side } = detector;
  const files = ahead(
    taken(itemFiles(plan, items, { stores, signal }), grace),
    fetchFile,
    FILES_AHEAD,
  );
  const attempts = ahead(
    taken(files, grace),
    (file) => prepareItem(file, plan, { detector, signal }),
    IMAGES_AHEAD,
  );
  const looked = ahead(
    batches(attempts, batchSize),
    (batch) => look(batch, { detector, batchSize }),
    detector.sessions ?? 1,
  );
  const store = ([attempt, detection]: Looked): Promise<Result> =>
    isPrepared(attempt)
      ? storeHeatmap(attempt, detection!, { plan, side, signal })
      : Promise.resolve(attempt);
  return ahead(flatten(looked), store, HEATMAPS_AHEAD);
}
