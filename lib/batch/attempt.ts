/**
 * One image of a run on its way to a row.
 *
 * @module
 */
import { toSample } from "../data/lazy_sample.ts";
import type { Sample } from "../data/sample.ts";
import type { Detection } from "../detector/detector.ts";
import type { ImageDetector } from "../evaluation/image_detector.ts";
import { type PreparedImage, prepareSample } from "../evaluation/prepare.ts";
import { complaintAbout, failedRow, scoredRow } from "../evaluation/rows.ts";
import { encodeHeatmap } from "../image/heatmap.ts";
import type { ScoreRow } from "../results/summary.ts";
import { StorageError, type StoreOptions } from "../storage/object_store.ts";
import type { ItemFiles } from "./item_files.ts";
import type { Stage } from "./part.ts";
import type { Plan } from "./run.ts";
import { storageCause } from "./stored_sources.ts";

/** An image with a score, its heatmap stored. */
export interface Scored {
  readonly row: ScoreRow;
  readonly image: PreparedImage;
  readonly detection: Detection;
}

/** An image without a score. */
export interface Failed {
  readonly row: ScoreRow;
  /** At what it failed. */
  readonly stage: Stage;
}

/** What became of an image. */
export type Result = Scored | Failed;

/** An image, prepared for the detector or given up. */
export type Attempt = PreparedImage | Failed;

/**
 * What is wrong with one image, in a sentence. What is wrong with a store is
 * no fault of the image, unless it says that the object does not exist.
 */
function reasonOf(error: unknown): string {
  const failure = storageCause(error);
  if (failure !== undefined && failure.failure !== "missing") throw failure;
  return error instanceof Error ? error.message : String(error);
}

function fail(
  sample: Sample,
  error: string,
  { stage, image }: { readonly stage: Stage; readonly image?: PreparedImage },
): Failed {
  return { row: failedRow(sample, error, image), stage };
}

/**
 * Reads, decodes and resizes an image.
 *
 * @param files The image.
 * @param plan The run.
 * @param options The detector, and how to stop.
 * @returns The image, or why there is none.
 * @throws {StorageError} If a store fails.
 */
export async function prepareItem(
  { item, ...files }: ItemFiles,
  { header: { bitDepth } }: Plan,
  options: StoreOptions & {
    readonly detector: Pick<ImageDetector, "side" | "preprocess">;
  },
): Promise<Attempt> {
  let stage: Stage = "read";
  const image = async () => {
    const bytes = await files.image();
    stage = "decode";
    return bytes;
  };
  const mask = () => {
    stage = "mask";
    return files.mask();
  };
  const { key, category, label } = item;
  const sample = toSample(
    { key, category, label, defect: null, mask: item.mask },
    { image, mask },
    { bitDepth },
  );
  try {
    return await prepareSample(sample, options.detector);
  } catch (error) {
    options.signal?.throwIfAborted();
    const isStored = storageCause(error) !== undefined;
    const at = stage === "read" && !isStored ? "decode" : stage;
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
 * Stores the heatmap of an image that was looked at. One that is there already
 * is of the same image, and stays.
 *
 * @param image The image.
 * @param detection What the detector made of it.
 * @param options The run, the detector's side, and how to stop.
 * @returns The row, or why there is no score.
 * @throws {StorageError} If the store fails.
 */
export async function storeHeatmap(
  image: PreparedImage,
  detection: Detection,
  options: StoreOptions & { readonly plan: Plan; readonly side: number },
): Promise<Result> {
  const { sample } = image;
  const { plan: { run, out, header }, side } = options;
  const complaint = complaintAbout(detection);
  if (complaint !== null) {
    return fail(sample, complaint, { stage: "score", image });
  }
  const heatmap = await encodeHeatmap(detection.anomalyMap, {
    width: side,
    height: side,
    range: header.heatRange,
  });
  try {
    const contentType = "image/png";
    const key = heatmapKey(run, sample.key);
    const bytes = new Uint8Array(heatmap);
    await out.create(key, bytes, { ...options, contentType });
  } catch (error) {
    const isUnusable = error instanceof StorageError &&
      error.failure === "invalid";
    if (!isUnusable) throw error;
    return fail(sample, error.message, { stage: "write", image });
  }
  return { row: scoredRow(image, detection), image, detection };
}
