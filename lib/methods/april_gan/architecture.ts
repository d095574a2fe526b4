/**
 * A model of APRIL-GAN without its weights.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { type ClipConfig, withActivation } from "../../clip/config.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { readClassToken, readMaps } from "../anomaly_map.ts";
import { sizeProblems } from "../check_sizes.ts";
import { ClipArchitecture } from "../clip_architecture.ts";
import { byteImages, textInput } from "../inputs.ts";
import type {
  Architecture,
  DetectionOptions,
  DetectionOutputs,
} from "../architecture.ts";
import type { GoodImageRules } from "../good_image_rules.ts";
import type { Backbones, ChoicesFile, Method } from "../method.ts";
import type { PromptRules, TextProgram } from "../text_rules.ts";
import type { TrainingRules } from "../training_rules.ts";
import { ensembleFeatures } from "../text_ensemble.ts";
import { type AprilGanConfig, parseAprilGanConfig } from "./config.ts";
import { comparedFeatures, goodImageRules } from "./good_images.ts";
import { headShapes, type HeadSizes, initialiseHead } from "./head.ts";
import { modelLosses } from "./losses.ts";
import { APRIL_GAN } from "./method.ts";
import { aprilGan, meanLayer } from "./model.ts";
import { aprilGanSentences } from "./sentences.ts";

/**
 * APRIL-GAN with the choices of a file, on a CLIP of given sizes.
 *
 * @throws {ModelError} If a value is not usable or does not fit.
 */
export function fit(
  { clip }: Backbones,
  { json, path }: ChoicesFile,
): Architecture {
  const config = parseAprilGanConfig(json, path);
  checkSizes(clip, config, path);
  const own = config.activation === "gelu"
    ? withActivation(clip, "gelu")
    : clip;
  return new AprilGan({ clip: own, config });
}

function checkSizes(
  { vision }: ClipConfig,
  { imageSize, taps, memoryTaps }: AprilGanConfig,
  path: string,
): void {
  const problems = sizeProblems(vision, { imageSize, taps });
  const layers = vision.numHiddenLayers;
  if (memoryTaps.some((tap) => tap > layers)) {
    problems.push(
      `memory_taps must be at most the ${layers} vision layers: ` +
        `current value is ${JSON.stringify(memoryTaps)}`,
    );
  }
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
}

/** APRIL-GAN with its choices, on a CLIP of given sizes. */
class AprilGan extends ClipArchitecture<AprilGanConfig> {
  readonly method: Method = APRIL_GAN;
  readonly scoreRule = "probability of the class token";
  readonly prompts: PromptRules = {
    sentences: aprilGanSentences,
    perState: null,
    longestEndOfText: null,
  };

  get #headSizes(): HeadSizes {
    const { vision, projectionDim } = this.clip;
    return { visionWidth: vision.hiddenSize, jointWidth: projectionDim };
  }

  get headShapes(): Shapes {
    return headShapes(this.sizes.config, this.#headSizes);
  }

  get text(): TextProgram {
    const { clip } = this.sizes;
    return {
      features: (g, ids, options) =>
        ensembleFeatures(g, ids, { ...options, clip, unitSentences: true }),
    };
  }

  detection(
    g: GraphBuilder,
    { smooth, patches = false }: DetectionOptions,
  ): DetectionOutputs {
    const { sizes } = this;
    const rgb = byteImages(g, this.imageSize);
    const text = textInput(g, this.clip);
    const read = patches ? sizes.config.memoryTaps : [];
    const values = aprilGan(g, { rgb, text }, sizes, read);
    const maps = readMaps(g, meanLayer(g, values.layers), smooth);
    const seen = { ...maps, ...readClassToken(g, values.image) };
    if (!patches) return seen;
    return { ...seen, ...comparedFeatures(g, values, sizes.config) };
  }

  get goodImages(): GoodImageRules {
    return goodImageRules(this.sizes);
  }

  get training(): TrainingRules {
    const { sizes, headShapes: shapes } = this;
    return {
      initialise: (seed) => initialiseHead(shapes, this.#headSizes, seed),
      readsText: true,
      // As on MVTec AD; on VisA the authors trained for 15 epochs.
      defaults: {
        epochs: 3,
        batchSize: 8,
        learningRate: 0.001,
        schedule: "constant",
        firstBeta: 0.5,
      },
      losses: (g) => modelLosses(g, sizes),
      trainedChoices: () => this.choices,
      longestEndOfText: null,
    };
  }
}
