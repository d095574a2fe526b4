/**
 * The decision on one file, as one line of JSON.
 *
 * @module
 */
import * as z from "zod";
import { failedRow, judgeDetection } from "../evaluation/rows.ts";
import type { ImageSize } from "../image/image.ts";
import type { Detection } from "../methods/detection.ts";
import type { Region } from "../results/regions.ts";
import type { ScoreRow } from "../results/summary.ts";
import { type Criterion, judge, type Verdict } from "../results/verdict.ts";
import type { FileVersion } from "./inbox.ts";

/** A row with its verdict, and which version of the file it is about. */
export interface Decision extends Omit<ScoreRow, keyof Verdict>, Verdict {
  /** What tells this version of the file from others. */
  readonly etag: string;
  /** When it was decided, as ISO 8601 has it. */
  readonly time: string;
  /** Where an image called defective looks so; null for other images. */
  readonly regions: readonly Region[] | null;
}

/** A file, what it shows, and when it was looked at. */
export interface Seen extends FileVersion {
  /** The word for the product. */
  readonly category: string;
  /** How its category is judged. */
  readonly criterion: Criterion | undefined;
  /** The time in milliseconds since 1970. */
  readonly now: number;
}

/** The size of an image, and what was found in it. */
export interface Found {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Size of the maps. */
  readonly map: ImageSize;
  /** What the model saw. */
  readonly detection: Detection;
}

/** The decision on a scored file. */
export function decisionOf(
  { key, etag, category, criterion, now }: Seen,
  { width, height, map: size, detection }: Found,
): Decision {
  const { imageScore, scoreLogit, milliseconds } = detection;
  const image = { category, width, height, map: size };
  const judged = judgeDetection(image, detection, () => criterion);
  return {
    key,
    category,
    ...judge(scoreLogit, criterion),
    score: imageScore,
    score_logit: scoreLogit,
    regions: judged.regions ?? null,
    label: null,
    width,
    height,
    milliseconds,
    error: null,
    etag,
    time: new Date(now).toISOString(),
  };
}

/** The decision on a file without a score: there is none, but a reason. */
export function undecided(
  { key, etag, category, criterion, now }: Seen,
  error: string,
): Decision {
  return {
    ...failedRow({ key, category, label: null }, error),
    ...judge(null, criterion),
    regions: null,
    etag,
    time: new Date(now).toISOString(),
  };
}

const VERSION = z.object({ key: z.string(), etag: z.string() });

/**
 * Reads which version of a file a line is about.
 *
 * @returns Key and ETag; undefined where the line is no decision.
 */
export function versionIn(line: string): FileVersion | undefined {
  try {
    return VERSION.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
