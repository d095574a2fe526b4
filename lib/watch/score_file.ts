/**
 * Files of a watched folder, read and scored.
 *
 * @module
 */
import type { ShardDetector } from "../batch/run.ts";
import { type LaidImage, layFile } from "../evaluation/image_detector.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import type { BitDepth } from "../image/decode.ts";
import { ImageDecodeError, type ImageSize } from "../image/image.ts";
import { detectionError } from "../methods/detection.ts";
import type { Criteria } from "../results/verdict.ts";
import {
  isMissingObject,
  isTooLarge,
  type ObjectInfo,
  type ObjectStore,
  StorageError,
} from "../storage/object_store.ts";
import { type Decision, decisionOf, type Seen, undecided } from "./decision.ts";
import type { Inbox } from "./inbox.ts";

/** Files that are larger are not read. */
const MAX_BYTES = 2 ** 30;

/** What {@linkcode scoreFiles} needs. */
export interface ScoreFilesOptions {
  /** The folder. */
  readonly store: ObjectStore;
  /** The detector. */
  readonly detector: ShardDetector;
  /** Knows which files are whole. */
  readonly inbox: Inbox;
  /** How images are judged. */
  readonly criteria: Criteria;
  /** The category of images directly in the folder. */
  readonly object: string;
  /** Bits that a sensor really fills in 16-bit files. */
  readonly bitDepth: BitDepth;
  /** Whether the orientation that EXIF tells is ignored. */
  readonly ignoreOrientation?: boolean;
  /** The time in milliseconds since 1970. */
  readonly now: () => number;
}

/** The first folder on the path, as in folders of plain images. */
function categoryOf(key: string, object: string): string {
  return key.includes("/") ? key.slice(0, key.indexOf("/")) : object;
}

type Prepared = ImageSize & LaidImage & { readonly seen: Seen };

/** Whether a file was written while it was read; a bucket sees to that. */
async function hasChanged(
  { key, etag }: ObjectInfo,
  store: ObjectStore,
): Promise<boolean> {
  if (!store.uri.startsWith("file:")) return false;
  return (await store.head(key))?.etag !== etag;
}

/**
 * Reads a file. It is put off where it looks cut off: its writer may only
 * pause.
 *
 * @returns The image or the decision on it; undefined if it must wait.
 */
async function prepare(
  info: ObjectInfo,
  options: ScoreFilesOptions,
): Promise<Prepared | Decision | undefined> {
  const { store, detector, inbox, criteria, object, now } = options;
  const { bitDepth, ignoreOrientation = false } = options;
  const { key, etag, size } = info;
  const category = categoryOf(key, object);
  const seen = {
    key,
    etag,
    category,
    criterion: criteria(category),
    now: now(),
  };
  if (size > MAX_BYTES) {
    const message = `Cannot read ${key} as it must have at most ${MAX_BYTES} ` +
      `bytes: current value is ${size}`;
    return undecided(seen, message);
  }
  try {
    detector.promptOf(category);
    const bytes = await store.read(key, { etag, maxBytes: MAX_BYTES });
    if (await hasChanged(info, store)) return undefined;
    const decoding = { bitDepth, ignoreOrientation, category };
    const image = await layFile(detector, bytes, decoding);
    const isWhole = image.damage === undefined;
    if (!isWhole && inbox.postpone(info, now())) return undefined;
    return { seen, ...image };
  } catch (error) {
    // The file is gone, or another version of it has come.
    if (isMissingObject(error)) return undefined;
    if (error instanceof ModelError || isTooLarge(error)) {
      return undecided(seen, error.message);
    }
    // A writer may set the mode of its file when it is done.
    const isUnreadable = error instanceof StorageError &&
      error.failure === "unreadable";
    const isBad = error instanceof ImageDecodeError;
    if (!isUnreadable && !isBad) throw error;
    const isWhole = isBad && error.reason === "too_large";
    if (!isWhole && inbox.postpone(info, now())) return undefined;
    return undecided(seen, error.message);
  }
}

/**
 * Scores files in one call of the detector.
 *
 * @returns The decisions, in order; none of files that must wait.
 * @throws {StorageError} If the store fails.
 * @throws {SessionError} If the detector fails.
 */
export async function scoreFiles(
  files: readonly ObjectInfo[],
  options: ScoreFilesOptions,
): Promise<Decision[]> {
  const read = await Promise.all(files.map((file) => prepare(file, options)));
  const results = read.filter((result) => result !== undefined);
  const images = results.filter((result) => "pixels" in result);
  const { detector } = options;
  const detections = await detector.detect(
    images.map(({ pixels, frame, seen: { category } }) => ({
      pixels,
      category,
      ...frame && { frame },
    })),
  );
  return results.map((result) => {
    if (!("pixels" in result)) return result;
    const detection = detections[images.indexOf(result)]!;
    const error = detectionError(detection);
    if (error !== null) return undecided(result.seen, error);
    return decisionOf(result.seen, {
      ...result,
      detection,
    });
  });
}
