/**
 * Images of a run in, rows out, with reading, decoding, scoring and storing
 * all under way at the same time.
 *
 * @module
 */
import { ahead } from "../async/ahead.ts";
import { evaluateImages } from "../evaluation/evaluate_images.ts";
import { runCriteria } from "./stored_criteria.ts";
import { type ItemResult, prepareItem, storeHeatmap } from "./attempt.ts";
import type { Grace } from "./grace.ts";
import {
  type AnyIterable,
  itemFiles,
  type PlanItemFiles,
} from "./item_files.ts";
import type { Plan, PlanItem, RunDetector } from "./run.ts";
import type { Stores } from "./stores.ts";

/** Files that are read while the first of them is awaited. */
const FILES_AHEAD = 8;

/** Options of {@linkcode scorePlanItems}. */
export interface ScorePlanItemsOptions {
  /** The detector. */
  readonly detector: RunDetector;
  /** Opens the input. */
  readonly stores: Stores;
  /** Images per call of the detector. */
  readonly batchSize: number;
  /** When to stop. */
  readonly grace: Grace;
}

/** Yields files until the worker is told to stop. */
async function* untilStopping(
  files: AsyncIterable<PlanItemFiles>,
  grace: Grace,
): AsyncGenerator<PlanItemFiles> {
  for await (const file of files) {
    if (grace.isStopping) return;
    yield file;
  }
}

/** Reads the file of an image; a failure is thrown when the bytes are used. */
async function fetchFile(files: PlanItemFiles): Promise<PlanItemFiles> {
  const bytes = files.image();
  await bytes.catch(() => {});
  return { ...files, image: () => bytes };
}

/**
 * Scores images and stores their heatmaps.
 *
 * @param plan The run.
 * @param items Some of its images, in the order of the run.
 * @param options The detector, the input, and when to stop.
 * @returns One result per image, in that order; fewer if the worker was told
 * to stop.
 * @throws {DataSetError} If the input is an archive that is damaged or has
 * changed.
 * @throws {StorageError} If a store fails.
 * @throws {SessionError} If the detector fails.
 */
export function scorePlanItems(
  plan: Plan,
  items: AnyIterable<PlanItem>,
  { detector, stores, batchSize, grace }: ScorePlanItemsOptions,
): AsyncGenerator<ItemResult> {
  const signal = grace.images;
  const { criteria: chosen, good } = plan.header;
  const criteria = runCriteria(chosen ?? good?.criteria);
  const files = ahead(
    untilStopping(itemFiles(plan, items, { stores, signal }), grace),
    fetchFile,
    FILES_AHEAD,
  );
  return evaluateImages(untilStopping(files, grace), detector, {
    batchSize,
    prepare: (file: PlanItemFiles) =>
      prepareItem(file, plan, { detector, signal }),
    store: (image, detection) =>
      storeHeatmap(image, detection, { plan, criteria, signal }),
  });
}
