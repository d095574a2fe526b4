/**
 * One image of a run: read, and later stored.
 *
 * @module
 */
import { toSample } from "../data/lazy_sample.ts";
import { MaskError, type Sample } from "../data/sample.ts";
import type { Detection } from "../detector/detector.ts";
import type { ImageLayer } from "../evaluation/image_detector.ts";
import { type PreparedImage, prepareSample } from "../evaluation/prepare.ts";
import { failedRow, scoredRow } from "../evaluation/rows.ts";
import { detectionError } from "../methods/detection.ts";
import type {
  EvaluatedImage,
  FailedImage,
} from "../evaluation/evaluate_images.ts";
import type { DecodeOptions } from "../image/decode.ts";
import { encodeHeatmap } from "../image/heatmap.ts";
import { colouredMap, type HeatColours } from "../results/heat_colours.ts";
import type { Criteria } from "../results/verdict.ts";
import {
  isOfObject,
  isTooLarge,
  StorageError,
  type StoreOptions,
} from "../storage/object_store.ts";
import type { PlanItemFiles } from "./item_files.ts";
import type { FailureStage } from "./part.ts";
import type { Plan, PlanHeader } from "./run.ts";
import { storageCause } from "./stored_sources.ts";

/** An image of a run without a score. */
export interface FailedItem extends FailedImage {
  /** The step that failed. */
  readonly stage: FailureStage;
}

/** An image with a score and a stored heatmap, or without a score. */
export type ItemResult = EvaluatedImage | FailedItem;

/**
 * Says in one sentence why an image has no score. A failure of a store is
 * thrown, because it is not the fault of the image; unless it is of this one
 * object, such as one that does not exist or is too large.
 */
function reasonOf(error: unknown): string {
  const failure = storageCause(error);
  if (failure !== undefined && !isOfObject(failure)) throw failure;
  return error instanceof Error ? error.message : String(error);
}

/** A missing mask is a note on the image, not a failure of the store. */
async function orAbsent<T>(reading: Promise<T>, path: string): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (storageCause(error)?.failure !== "missing") throw error;
    const message =
      `Cannot use the mask ${path} as it must exist: nothing was found`;
    throw new MaskError("absent", message, { cause: error });
  }
}

function fail(
  sample: Sample,
  error: string,
  { stage, image }: {
    readonly stage: FailureStage;
    readonly image?: PreparedImage;
  },
): FailedItem {
  return { row: failedRow(sample, error, image), stage };
}

/** How the images and masks of a run are decoded. */
export function decodeOptions(
  { bitDepth, maxPixels, ignoreOrientation = false }: Pick<
    PlanHeader,
    "bitDepth" | "maxPixels" | "ignoreOrientation"
  >,
): DecodeOptions {
  return {
    bitDepth,
    ignoreOrientation,
    ...maxPixels !== undefined && { maxPixels },
  };
}

/**
 * Reads, decodes and resizes an image.
 *
 * @param files The image.
 * @param plan The run.
 * @param options The detector, and how to stop.
 * @returns The image, or a row with the reason why there is none.
 * @throws {StorageError} If a store fails.
 */
export async function prepareItem(
  { item, ...files }: PlanItemFiles,
  { header }: Plan,
  options: StoreOptions & {
    readonly detector: ImageLayer;
  },
): Promise<PreparedImage | FailedItem> {
  let stage: FailureStage = "read";
  const image = async () => {
    const bytes = await files.image();
    stage = "decode";
    return bytes;
  };
  const mask = async (path: string) => {
    stage = "mask";
    return await orAbsent(files.mask(path), path);
  };
  const { key, category, label, defect = null, masks } = item;
  const sample = toSample(
    { key, category, label, defect, masks },
    { image, mask },
    decodeOptions(header),
  );
  try {
    return await prepareSample(sample, options.detector);
  } catch (error) {
    options.signal?.throwIfAborted();
    // One that is too large stays so; it is not read again by later runs.
    const failure = storageCause(error);
    const isLater = failure !== undefined && !isTooLarge(failure);
    const at = stage === "read" && !isLater ? "decode" : stage;
    return fail(sample, reasonOf(error), { stage: at });
  }
}

/**
 * The key of a heatmap.
 *
 * @param run The run.
 * @param key The image.
 * @returns The key below the results' root.
 */
export function heatmapKey(run: string, key: string): string {
  return `runs/${run}/heatmaps/${key}.png`;
}

/**
 * Stores the heatmap of an image. A heatmap that is already there is of the
 * same image, and stays.
 *
 * @param image The image.
 * @param detection Its maps and scores.
 * @param options The run, and how to stop.
 * @returns The row with the score, or with the reason why there is none.
 * @throws {StorageError} If the store fails.
 */
export async function storeHeatmap(
  image: PreparedImage,
  detection: Detection,
  options: StoreOptions & {
    readonly plan: Plan;
    readonly criteria: Criteria | undefined;
  },
): Promise<ItemResult> {
  const { sample } = image;
  const { plan: { run, out, header }, criteria, signal } = options;
  const error = detectionError(detection);
  if (error !== null) return fail(sample, error, { stage: "score", image });
  const range = criteria?.(sample.category)?.heatRange ?? null;
  const colours: HeatColours = range === null
    ? { scale: "map", range: header.heatRange }
    : { scale: "logit", range };
  const heatmap = await encodeHeatmap(colouredMap(detection, colours), {
    ...image.map,
    range: colours.range,
  });
  try {
    const contentType = "image/png";
    const key = heatmapKey(run, sample.key);
    const bytes = new Uint8Array(heatmap);
    await out.create(key, bytes, { ...signal && { signal }, contentType });
  } catch (error) {
    const isUnusable = error instanceof StorageError &&
      error.failure === "invalid";
    if (!isUnusable) throw error;
    return fail(sample, error.message, { stage: "write", image });
  }
  return { row: scoredRow(image, detection, criteria), image, detection };
}
