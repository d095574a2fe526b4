/**
 * How the head of a method is trained.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import type { DetectionOptions, HostArrays } from "./architecture.ts";

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
  /**
   * What the losses read of images, where nothing of that is trained with the
   * head. It is then computed once for each image.
   *
   * @default {they read `rgb`}
   */
  readonly image?: ImageFeatures;
  /** The published settings. */
  readonly defaults: TrainingDefaults;
  /**
   * Records the losses. The inputs are `rgb`, bytes [B, H, H, 3], `ids`
   * [B, N, n] or `text` [B, 2, Dt], `mask` [B, H, H], 1 where defective, and `label` [B], 1 for a
   * defective image.
   */
  losses(g: GraphBuilder, options: LossOptions): Losses;
  /**
   * Inputs of the losses that are computed outside of the program.
   *
   * @default {there are none}
   */
  readonly hostStep?: HostStep;
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
  /**
   * Decoupled weight decay of AdamW.
   *
   * @default {0}
   */
  readonly weightDecay?: number;
  /**
   * Which tensors decay: matrices and kernels, or biases and prompts too.
   *
   * @default {"matrices"}
   */
  readonly decays?: "matrices" | "all";
}

/**
 * What a program cannot compute at a fair price, such as a clustering: before
 * each step a program runs with the batch and the tensors of that step, and the
 * host makes further inputs of the losses from its outputs.
 */
export interface HostStep {
  /** Records what the host reads, with inputs among those of the losses. */
  outputs(
    g: GraphBuilder,
    options: LossOptions,
  ): Readonly<Record<string, Value>>;
  /**
   * Computes the inputs. It must be deterministic.
   *
   * @param batch How many images there are.
   */
  inputs(
    outputs: HostArrays,
    batch: number,
  ): Readonly<Record<string, HostTensor>>;
}

/** Numbers that the host computed, row-major. */
export interface HostTensor {
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** One number per element. */
  readonly data: Float32Array;
}

/** Features of images that losses read. */
export interface ImageFeatures {
  /** Shape of each feature of one image, by its name. */
  readonly shapes: Shapes;
  /**
   * Records them from `rgb`, bytes [B, H, H, 3].
   *
   * @returns Each with the batch in front, [B, ...].
   */
  record(g: GraphBuilder): Readonly<Record<string, Value>>;
}

/** Options of {@linkcode TrainingRules.losses}. */
export interface LossOptions extends Pick<DetectionOptions, "textLength"> {
  /**
   * What {@linkcode TrainingRules.image} asks for.
   *
   * @default {none: the losses read `rgb`}
   */
  readonly image?: Readonly<Record<string, Value>>;
}

/** Recorded losses. */
export interface Losses {
  /** What training lowers, a scalar. */
  readonly total: Value;
  /** Scalars to report, by name; a group and a dot may stand before it. */
  readonly reports: Readonly<Record<string, Value>>;
}
