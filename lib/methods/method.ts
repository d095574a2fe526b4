/**
 * What every method of anomaly detection provides. Other rooms know a method
 * by these interfaces only.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { Weights } from "../checkpoint/weights.ts";
import type { ClipConfig } from "../clip/config.ts";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import type { ResnetConfig } from "../resnet/config.ts";
import type { DetectionValues } from "./anomaly_map.ts";
import type { Sentences } from "./sentences.ts";

/** Names of the methods, as on the command line. */
export type MethodName =
  | "mfp-clip"
  | "winclip"
  | "april-gan"
  | "anomaly-clip"
  | "ada-clip";

/** Sizes of the frozen networks that a method builds on. */
export interface Backbones {
  /** Sizes of both CLIP towers, as CLIP's configuration states them. */
  readonly clip: ClipConfig;
  /** Sizes of the CNN; null for a method without one. */
  readonly resnet: ResnetConfig | null;
}

/** A method: one entry of the table in `methods.ts`. */
export interface Method {
  /** Its name on the command line. */
  readonly name: MethodName;
  /** Its name in texts. */
  readonly title: string;
  /** The file that marks a model directory of this method: its choices. */
  readonly configFile: string;
  /** The file of its trained tensors; null if it has none. */
  readonly headFile: string | null;
  /**
   * The checkpoint of PyTorch in which its authors publish heads. It is read
   * where {@linkcode Method.headFile} is missing, and no code in it is run.
   *
   * @default {its authors publish none}
   */
  readonly publishedHead?: PublishedHead;
  /** Whether it reads the features of a ResNet too. */
  readonly usesResnet: boolean;
  /** Whether it reads CLIP's own image feature, made of the class token. */
  readonly usesImageFeature: boolean;
  /**
   * Reads the choices. Absent keys have their defaults, and keys of other
   * readers are ignored.
   *
   * @param json The parsed configuration file.
   * @param path What errors call the file.
   * @returns Every choice, as it stands in the file.
   * @throws {ModelError} If a value is not usable; one message states all.
   */
  choices(json: JsonObject, path: string): JsonObject;
  /**
   * The choices for a plain CLIP, where no file holds any.
   *
   * @default {Every choice has its default}
   */
  readonly plainChoices?: (clip: ClipConfig) => JsonObject;
  /**
   * Reads the choices and fits them to backbones.
   *
   * @param backbones The sizes of the frozen networks.
   * @param config The parsed configuration file, and what errors call it.
   * @throws {ModelError} If a value is not usable or does not fit.
   */
  architecture(
    backbones: Backbones,
    config: { readonly json: JsonObject; readonly path: string },
  ): Architecture;
}

/** A head as its authors publish it. */
export interface PublishedHead {
  /** The file beside the choices. */
  readonly file: string;
  /**
   * Gives its tensors the names of {@linkcode Architecture.headShapes}.
   *
   * @default {They have them}
   */
  readonly rename?: (published: Weights) => Weights;
}

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

/**
 * The published way to compare an image with a few good ones: its features are
 * compared with banks of theirs.
 */
export interface GoodImageRules {
  /**
   * Shape of each bank of one good image, by the name of its feature: [N, D]. A
   * bank of K good images is [K N, D].
   */
  readonly banks: Shapes;
  /**
   * Records the features of images from `rgb` and `text`, as
   * {@linkcode Architecture.detection} reads them.
   *
   * @returns Those of the banks, [B, N, D], and all that `join` reads besides.
   */
  features(g: GraphBuilder): Readonly<Record<string, Value>>;
  /**
   * Records maps and scores.
   *
   * @param features What `features` gave.
   * @param banks One for each of `banks`.
   * @param smooth Standard deviation in pixels of the Gaussian that smooths the
   * maps.
   */
  join(
    g: GraphBuilder,
    features: Readonly<Record<string, Value>>,
    options: {
      readonly banks: Readonly<Record<string, Value>>;
      readonly smooth: number;
    },
  ): DetectionValues;
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

/** Which sentences a method reads. */
export interface PromptRules {
  /** The sentences about a product of this name. */
  sentences(name: string): Sentences;
  /**
   * How many sentences each state must have, normal before abnormal; null for
   * any number.
   */
  readonly perState: readonly [normal: number, abnormal: number] | null;
  /**
   * Position from 0 of the last end of text that the model can read well; a
   * warning names longer sentences. Null for no such limit.
   */
  readonly longestEndOfText: number | null;
}

/** Text features that do not depend on the image. */
export interface TextProgram {
  /**
   * Records the features of one category.
   *
   * @param ids The sentences [N, n], those of the normal state first.
   * @returns One unit vector per state [2, Dt].
   */
  features(g: GraphBuilder, ids: Value, options: TextOptions): Value;
}

/** Options of {@linkcode TextProgram.features}. */
export interface TextOptions {
  /** Number of sentences of each state. */
  readonly perState: readonly [normal: number, abnormal: number];
  /** Positions that enter the text tower; all ends of text lie below it. */
  readonly length: number;
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
