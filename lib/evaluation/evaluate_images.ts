/**
 * The pipeline of an evaluation: prepare, detect, store.
 *
 * @module
 */
import { ahead, eager } from "../async/ahead.ts";
import type { Detection } from "../detector/detector.ts";
import { DECODERS } from "../detector/workers.ts";
import type { ScoreRow } from "../results/summary.ts";
import type { ImageDetector } from "./image_detector.ts";
import type { PreparedImage } from "./prepare.ts";

/** An image with a score. */
export interface EvaluatedImage {
  /** Its row. */
  readonly row: ScoreRow;
  /** The image and its mask at the model's resolution. */
  readonly image: PreparedImage;
  /** Maps and scores, without NaN. */
  readonly detection: Detection;
}

/** An image without a score. */
export interface FailedImage {
  /** Its row, with the reason. */
  readonly row: ScoreRow;
}

/** What {@linkcode evaluateImages} does with each image. */
export interface EvaluationSteps<Item, Failed extends FailedImage> {
  /** Reads, decodes and resizes an image. */
  prepare(item: Item): Promise<PreparedImage | Failed>;
  /** Makes the row of an image and stores its maps. */
  store(
    image: PreparedImage,
    detection: Detection,
  ): Promise<EvaluatedImage | Failed>;
}

/** Options of {@linkcode evaluateImages}. */
export interface EvaluateImagesOptions {
  /** Images per call of the detector. */
  readonly batchSize: number;
}

/**
 * Images that are decoded while the first of them is awaited: one for each
 * worker that decodes, and two that are ready.
 */
const IMAGES_AHEAD = DECODERS + 1;
/** Images that are stored while the first of them is awaited. */
const STORES_AHEAD = 8;
/**
 * Most images in a group, in batches: a long row of broken images is passed on
 * before it has been searched for a full batch of good ones.
 */
const GROUP_BATCHES = 4;

function isPrepared<Failed extends FailedImage>(
  attempt: PreparedImage | Failed,
): attempt is PreparedImage {
  return "pixels" in attempt;
}

/** Groups images so that each group has `size` that can be scored. */
async function* groups<Failed extends FailedImage>(
  attempts: AsyncIterable<PreparedImage | Failed>,
  size: number,
): AsyncGenerator<(PreparedImage | Failed)[]> {
  let group: (PreparedImage | Failed)[] = [];
  let prepared = 0;
  for await (const attempt of attempts) {
    group.push(attempt);
    if (isPrepared(attempt)) prepared++;
    if (prepared < size && group.length < GROUP_BATCHES * size) continue;
    yield group;
    [group, prepared] = [[], 0];
  }
  if (group.length > 0) yield group;
}

/** Repeats the last input until there are `size`. */
function filled<T>(inputs: readonly T[], size: number): readonly T[] {
  const last = inputs.at(-1);
  if (last === undefined) return inputs;
  return Array.from({ length: size }, (_, i) => inputs[i] ?? last);
}

async function* flatten<T>(
  groups: AsyncIterable<readonly T[]>,
): AsyncGenerator<T> {
  for await (const group of groups) yield* group;
}

/**
 * Scores images in order. While the sessions of the detector are busy, the
 * next images are decoded and the last ones are stored.
 *
 * A batch with fewer images than `batchSize` is filled up with copies of its
 * last image, because networks round differently in batches of another size.
 * The scores of an image therefore depend on the batch size, but not on the
 * images beside it.
 *
 * @param items The images.
 * @param detector Looks at them.
 * @param steps How to prepare and to store an image.
 * @returns One result per image, in the order of the items.
 */
export function evaluateImages<Item, Failed extends FailedImage>(
  items: AsyncIterable<Item>,
  detector: Pick<ImageDetector, "detect" | "sessions">,
  { batchSize, ...steps }:
    & EvaluationSteps<Item, Failed>
    & EvaluateImagesOptions,
): AsyncGenerator<EvaluatedImage | Failed> {
  type Detected = readonly [PreparedImage | Failed, Detection | undefined];
  const detect = async (
    group: readonly (PreparedImage | Failed)[],
  ): Promise<Detected[]> => {
    const inputs = group.filter((attempt) => isPrepared(attempt)).map(
      ({ pixels, frame, sample: { category } }) => ({
        pixels,
        category,
        ...frame && { frame },
      }),
    );
    const found = await detector.detect(filled(inputs, batchSize));
    const detections = found.values();
    return group.map((attempt) => [
      attempt,
      isPrepared(attempt) ? detections.next().value : undefined,
    ]);
  };
  const store = async ([attempt, detection]: Detected) =>
    isPrepared(attempt) ? await steps.store(attempt, detection!) : attempt;
  const attempts = ahead(items, (item) => steps.prepare(item), IMAGES_AHEAD);
  // The next group is decoded, and the one before it detected, also while the
  // images of an earlier one are stored.
  const detected = ahead(
    eager(groups(attempts, batchSize), 1),
    detect,
    detector.sessions,
  );
  return ahead(flatten(eager(detected, 1)), store, STORES_AHEAD);
}
