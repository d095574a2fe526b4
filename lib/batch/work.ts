/**
 * Scoring one shard of a run.
 *
 * @module
 */
import type { Detector } from "../detector.ts";
import type { ImageDetector } from "../evaluation/image_detector.ts";
import type { Plan } from "./plan.ts";
import type { Stores } from "./stores.ts";

/** What scoring needs of a detector. */
export type ShardDetector = ImageDetector & Pick<Detector, "promptsUsed">;

/** Where a shard stands. */
export interface ShardProgress {
  /** Images done, those of earlier attempts included. */
  readonly done: number;
  /** Images of the shard. */
  readonly total: number;
  /** Images done by earlier attempts. */
  readonly resumed: number;
  /** Images without a score in this attempt. */
  readonly errors: number;
}

/** Options of {@linkcode runShard}. */
export interface RunShardOptions {
  /** Which shard, counted from 0. */
  readonly shard: number;
  /** Opens the input. */
  readonly stores: Stores;
  /**
   * Images per call of the detector.
   *
   * @default {1}
   */
  readonly batchSize?: number;
  /**
   * Images per part: what is lost at most when a worker is killed.
   *
   * @default {256}
   */
  readonly partImages?: number;
  /**
   * Seconds after which a part is written although it is not full.
   *
   * @default {60}
   */
  readonly partSeconds?: number;
  /**
   * Once aborted, no more images are taken. Those begun may take 5 seconds
   * more; what is done by then is written.
   */
  readonly signal?: AbortSignal;
  /** Called at the start, and after each image. */
  readonly onProgress?: (progress: ShardProgress) => void;
}

/** How a shard ended. */
export interface ShardOutcome extends ShardProgress {
  /** Whether the signal ended it before its last image. */
  readonly stopped: boolean;
}

/**
 * Scores what is left of one shard: heatmaps as
 * `runs/<run>/heatmaps/<key>.png`, rows in Parquet parts. It may be stopped or
 * killed at any moment and started again, also beside another worker on the
 * same shard: each image counts once.
 *
 * @param detector The detector, with the settings of the run.
 * @param plan The run.
 * @param options Which shard, and how.
 * @returns How it ended.
 * @throws {StorageError} If a store fails; what was done is kept.
 * @throws {SessionError} If the detector fails; what was done is kept.
 */
export function runShard(
  detector: ShardDetector,
  plan: Plan,
  options: RunShardOptions,
): Promise<ShardOutcome> {
  throw new Error(`Cannot run ${detector.side} ${plan.run} ${options.shard}`);
}
