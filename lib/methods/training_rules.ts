/**
 * How the head of a method is trained.
 *
 * @module
 */
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import type { DetectionOptions } from "./architecture.ts";

/** How the head of a method is trained. */
export interface TrainingRules {
  /**
   * The head before training.
   *
   * @param seed Any number; a tensor depends on it and its name alone.
   */
  initialise(seed: number): Map<string, Float32Array>;
  /**
   * Whether the losses read text features, which then are computed once for
   * each category and not trained.
   */
  readonly readsText: boolean;
  /** The published settings. */
  readonly defaults: TrainingDefaults;
  /**
   * Records the losses. The inputs are `rgb`, bytes [B, H, H, 3], `ids`
   * [B, N, n] or `text` [B, 2, Dt], `mask` [B, H, H], 1 where defective, and `label` [B], 1 for a
   * defective image.
   */
  losses(g: GraphBuilder, options: LossOptions): Losses;
  /**
   * The choices to write beside a trained head.
   *
   * @param longestEndOfText Position from 0 of the last end of text that it
   * was trained with.
   */
  trainedChoices(longestEndOfText: number): JsonObject;
  /** The same position of earlier training, where it is recorded. */
  readonly longestEndOfText: number | null;
}

/** How a method was trained by its authors. */
export interface TrainingDefaults {
  /** How many times training sees each image. */
  readonly epochs: number;
  /** Images in a step. */
  readonly batchSize: number;
  /** The first learning rate. */
  readonly learningRate: number;
  /**
   * `decay` divides the learning rate by the number of the epoch, `constant`
   * keeps it.
   */
  readonly schedule: "decay" | "constant";
  /** How much of the mean gradient Adam keeps from step to step. */
  readonly firstBeta: number;
}

/** Options of {@linkcode TrainingRules.losses}. */
export type LossOptions = Pick<DetectionOptions, "textLength">;

/** Recorded losses. */
export interface Losses {
  /** What training lowers, a scalar. */
  readonly total: Value;
  /** Scalars to report, by name; a group and a dot may stand before it. */
  readonly reports: Readonly<Record<string, Value>>;
}
