/**
 * A model without its weights: what every method provides for its choices.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import type { DetectionValues } from "./anomaly_map.ts";
import type { FinishPrograms } from "./finish_programs.ts";
import type { GoodImageRules } from "./good_image_rules.ts";
import type { Backbones, Method } from "./method.ts";
import type { PromptRules, TextProgram } from "./text_rules.ts";
import type { TrainingRules } from "./training_rules.ts";

/** A model without its weights: a method with its choices and sizes. */
export interface Architecture extends Backbones {
  /** The method. */
  readonly method: Method;
  /** Every choice, as it stands in the configuration file. */
  readonly choices: JsonObject;
  /** Side of the square images in pixels, H. */
  readonly imageSize: number;
  /** Side of the maps in pixels: mostly H. */
  readonly mapSize: number;
  /**
   * Standard deviation in pixels of the Gaussian that smooths the maps where
   * the user asks for none in particular: the published one.
   */
  readonly smooth: number;
  /** What the image score is, in a few words: `maximum of the refined map`. */
  readonly scoreRule: string;
  /** Name -> shape of every tensor of the head. */
  readonly headShapes: Shapes;
  /** The sentences about a product. */
  readonly prompts: PromptRules;
  /**
   * Text features that do not depend on the image: computed once for each
   * category and fed as `text`. Null where the text tower reads the image;
   * the programs are then fed with `ids`.
   */
  readonly text: TextProgram | null;
  /**
   * Records the program from an image to its anomaly map. Its inputs are `rgb`,
   * bytes [B, H, H, 3], and `text` [B, 2, Dt] or `ids` [B, N, n].
   */
  detection(g: GraphBuilder, options: DetectionOptions): DetectionOutputs;
  /**
   * Computes on the host what a graph cannot do at a fair price, such as a
   * clustering. It must be deterministic. Null where the program outputs
   * `score` and `score_logit` itself.
   *
   * @param outputs All outputs of the program.
   * @param batch How many images they are of.
   */
  readonly finish:
    | ((outputs: HostArrays, batch: number) => HostScores)
    | null;
  /**
   * The same as programs, for exported models.
   *
   * @default {a model with `finish` cannot be exported}
   */
  readonly finishPrograms?: FinishPrograms;
  /**
   * The patch tokens by which images are compared with good ones; null where
   * the method has none to give.
   */
  readonly patches: PatchSizes | null;
  /**
   * How the method itself compares images with good ones.
   *
   * @default {it publishes no way}
   */
  readonly goodImages?: GoodImageRules;
  /** How the head is trained; null if there is nothing to train. */
  readonly training: TrainingRules | null;
}

/** Sizes of the patch tokens that are compared with those of good images. */
export interface PatchSizes {
  /** Patches per row and column. */
  readonly grid: number;
  /** Numbers per token. */
  readonly width: number;
  /** How many layers they are taken from. */
  readonly taps: number;
}

/** Options of {@linkcode Architecture.detection}. */
export interface DetectionOptions {
  /**
   * Positions that enter the text tower, where the program is fed with `ids`;
   * all ends of text lie below it.
   */
  readonly textLength: number;
  /**
   * Standard deviation in pixels of the Gaussian that smooths the maps, but not
   * the scores; 0 for none.
   */
  readonly smooth: number;
  /**
   * Whether the outputs of {@linkcode PatchOutputs} are added.
   *
   * @default {false}
   */
  readonly patches?: boolean;
}

/**
 * Outputs by which an image is compared with good ones: the patch tokens of
 * each tap, `tap_0`, `tap_1` ... [B, P, D], and the zero-shot logit at the
 * centre of each patch before any smoothing, `patch_logit` [B, g, g].
 */
export type PatchOutputs = Readonly<Record<`tap_${number}`, Value>> & {
  readonly patch_logit: Value;
};

/**
 * The outputs of a program of detection. With {@linkcode Architecture.finish}
 * the scores may be absent, and others may be there for it to read.
 */
export type DetectionOutputs =
  & Pick<DetectionValues, "map" | "logit_map">
  & Readonly<Record<string, Value>>;

/** Numbers by name, row-major. */
export type HostArrays = Readonly<Record<string, Float32Array>>;

/** Scores that the host computed. */
export interface HostScores {
  /** Image scores S, [B]. */
  readonly score: Float32Array;
  /** The same before the squashing to [0, 1], [B]. */
  readonly score_logit: Float32Array;
}
