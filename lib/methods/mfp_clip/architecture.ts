/**
 * A model of MFP-CLIP without its weights.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import type { JsonObject } from "../../checkpoint/json_file.ts";
import { ModelError } from "../../checkpoint/model_error.ts";
import { type ClipConfig, withActivation } from "../../clip/config.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { featureWidth, type ResnetConfig } from "../../resnet/config.ts";
import { patchLogit } from "../anomaly_map.ts";
import { sizeProblems } from "../check_sizes.ts";
import { byteImages, promptIdsInput, textInput } from "../inputs.ts";
import type {
  Architecture,
  DetectionOptions,
  DetectionOutputs,
  PatchOutputs,
  PatchSizes,
} from "../architecture.ts";
import type { Backbones, ChoicesFile, Method } from "../method.ts";
import type { PromptRules, TextProgram } from "../text_rules.ts";
import type { TrainingRules } from "../training_rules.ts";
import type { Sentences } from "../sentences.ts";
import {
  type MfpClipConfig,
  mfpClipConfigToJson,
  parseMfpClipConfig,
} from "./config.ts";
import { headShapes, type HeadSizes } from "./head_shapes.ts";
import { promptFeatures } from "./image_to_text_prompting.ts";
import { initialiseHead } from "./initialise_head.ts";
import { modelLosses } from "./losses.ts";
import { MFP_CLIP } from "./method.ts";
import { mfpClip, type MfpClipValues, type ModelSizes } from "./model.ts";

/**
 * Good images are compared by the first taps of the first pass. Of nano's four,
 * the first two did as well as all (I-AUROC of ball screws 95.0 and 95.1, of
 * drawn images 89.8 and 89.9), with half the features.
 */
const COMPARED_TAPS = 2;

/**
 * MFP-CLIP with the choices of a file, on backbones of given sizes.
 *
 * @throws {ModelError} If a value is not usable or does not fit.
 */
export function fit(
  backbones: Backbones,
  { json, path }: ChoicesFile,
): Architecture {
  const sizes = sizesOf(backbones, parseMfpClipConfig(json, path));
  checkSizes(sizes, path);
  return new MfpClip(sizes);
}

function sizesOf(
  { clip, resnet }: Backbones,
  config: MfpClipConfig,
): ModelSizes {
  if (resnet === null) throw new TypeError("MFP-CLIP needs a ResNet");
  // The specification runs both towers with the activation of the vision tower.
  const own = withActivation(clip, clip.vision.hiddenAct);
  return { clip: own, resnet, config };
}

function checkSizes({ clip, config }: ModelSizes, path: string): void {
  const problems = sizeProblems(clip.vision, config);
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
}

/** The widths that the frozen models give to the head. */
export function headSizes({ clip, resnet }: ModelSizes): HeadSizes {
  return {
    contextLength: clip.text.maxPositionEmbeddings,
    cnnWidth: featureWidth(resnet),
    visionWidth: clip.vision.hiddenSize,
    textWidth: clip.text.hiddenSize,
    jointWidth: clip.projectionDim,
  };
}

/** The paper's sentences (section 3.2); `_` in a name reads as a space. */
export function mfpClipSentences(name: string): Sentences {
  const words = name.replaceAll("_", " ");
  return {
    normal: [`A photo of a normal ${words}`],
    abnormal: [`A photo of a abnormal ${words}`],
  };
}

/** MFP-CLIP with its choices, on backbones of given sizes. */
export class MfpClip implements Architecture {
  readonly method: Method = MFP_CLIP;
  /** Sizes of the backbones and choices of the paper. */
  readonly sizes: ModelSizes;
  readonly smooth = 0;
  readonly scoreRule = "maximum of the refined map";
  readonly finish = null;

  constructor(sizes: ModelSizes) {
    this.sizes = sizes;
  }

  get clip(): ClipConfig {
    return this.sizes.clip;
  }

  get resnet(): ResnetConfig {
    return this.sizes.resnet;
  }

  get choices(): JsonObject {
    return mfpClipConfigToJson(this.sizes.config);
  }

  get imageSize(): number {
    return this.sizes.config.imageSize;
  }

  get mapSize(): number {
    return this.imageSize;
  }

  get headShapes(): Shapes {
    return headShapes(this.sizes.config, headSizes(this.sizes));
  }

  get prompts(): PromptRules {
    const { i2tp, i2tpFusion, longestEndOfText } = this.sizes.config;
    // Mixing along the tokens has a row for each position.
    const mixesTokens = i2tp && i2tpFusion === "token";
    return {
      sentences: mfpClipSentences,
      perState: [1, 1],
      longestEndOfText: mixesTokens ? longestEndOfText : null,
    };
  }

  /** Null with I2TP, which prompts the text tower by the image. */
  get text(): TextProgram | null {
    const { clip, config } = this.sizes;
    if (config.i2tp) return null;
    return {
      features: (g, ids, { length }) =>
        promptFeatures(g, ids, { clip, length }),
    };
  }

  get patches(): PatchSizes {
    const { config: { taps }, clip: { vision } } = this.sizes;
    return {
      grid: this.imageSize / vision.patchSize,
      width: vision.hiddenSize,
      taps: Math.min(taps.length, COMPARED_TAPS),
    };
  }

  detection(
    g: GraphBuilder,
    { textLength, smooth, patches = false }: DetectionOptions,
  ): DetectionOutputs {
    const { sizes: { clip, config } } = this;
    const rgb = byteImages(g, config.imageSize);
    const inputs = this.text === null
      ? { rgb, ids: promptIdsInput(g, clip) }
      : { rgb, text: g.cast(textInput(g, clip), "float") };
    const options = { ...this.sizes, textLength, smooth };
    const values = mfpClip(g, inputs, options);
    const { map, logit_map, score, score_logit } = values;
    const outputs = { map, logit_map, score, score_logit };
    return patches ? { ...outputs, ...this.#patches(g, values) } : outputs;
  }

  #patches(
    g: GraphBuilder,
    { taps, refined }: Pick<MfpClipValues, "taps" | "refined">,
  ): PatchOutputs {
    const { taps: count, grid } = this.patches;
    const tokens = taps.slice(0, count).map((tap, i) =>
      [`tap_${i}`, g.cast(tap, "wide")] as const
    );
    const patch_logit = patchLogit(g, refined, grid);
    return { ...Object.fromEntries(tokens), patch_logit };
  }

  get training(): TrainingRules {
    const { sizes, headShapes: shapes } = this;
    return {
      initialise: (seed) => initialiseHead(shapes, seed),
      readsText: false,
      defaults: {
        epochs: 100,
        batchSize: 1,
        learningRate: 0.001,
        schedule: "decay",
        firstBeta: 0.9,
      },
      losses: (g, options) => modelLosses(g, { ...sizes, ...options }),
      trainedChoices: (longestEndOfText) => ({
        ...this.choices,
        ...mfpClipConfigToJson({ longestEndOfText }),
      }),
      longestEndOfText: sizes.config.longestEndOfText,
    };
  }
}

/**
 * The sizes of a model that must be one of MFP-CLIP.
 *
 * @throws {ModelError} If it is one of another method.
 */
export function mfpClipSizes(
  { path, architecture }: {
    readonly path: string;
    readonly architecture: Architecture;
  },
): ModelSizes {
  if (architecture instanceof MfpClip) return architecture.sizes;
  throw new ModelError(
    `Cannot use ${path} as it must be a model of MFP-CLIP: ` +
      `current method is ${architecture.method.title}`,
  );
}
