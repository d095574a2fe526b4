/**
 * A model of AdaCLIP without its weights.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { type ClipConfig, withActivation } from "../../clip/config.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { readClassToken, readMaps } from "../anomaly_map.ts";
import type {
  Architecture,
  DetectionOptions,
  DetectionOutputs,
} from "../architecture.ts";
import { sizeProblems } from "../check_sizes.ts";
import { ClipArchitecture } from "../clip_architecture.ts";
import type { FinishPrograms } from "../finish_programs.ts";
import { probability, stateProbabilities } from "../logits.ts";
import type { Backbones, ChoicesFile, Method } from "../method.ts";
import type { PromptRules, TextProgram } from "../text_rules.ts";
import type { TrainingRules } from "../training_rules.ts";
import { type AdaClipConfig, parseAdaClipConfig } from "./config.ts";
import { hasDynamic, headShapes, initialiseHead, isPrompted } from "./head.ts";
import { hostStep, modelLosses, readsText, recordModel } from "./losses.ts";
import { enlarge, meanLogits } from "./model.ts";
import { ADA_CLIP } from "./method.ts";
import {
  classLogit,
  fusedScores,
  fusionOutputs,
  scoreOutputs,
} from "./score.ts";
import { scorePrograms } from "./score_programs.ts";
import { adaClipSentences, SENTENCE_COUNTS } from "./sentences.ts";
import { type AdaClipSizes, promptedText } from "./towers.ts";

/**
 * AdaCLIP with the choices of a file, on a CLIP of given sizes.
 *
 * @throws {ModelError} If a value is not usable or does not fit.
 */
export function fit(
  { clip }: Backbones,
  { json, path }: ChoicesFile,
): Architecture {
  const config = parseAdaClipConfig(json, path);
  checkSizes(clip, config, path);
  const activation = config.activation ?? clip.vision.hiddenAct;
  return new AdaClip({ clip: withActivation(clip, activation), config });
}

function checkSizes(
  { vision, text }: ClipConfig,
  { imageSize, taps, length }: AdaClipConfig,
  path: string,
): void {
  const problems = sizeProblems(vision, { imageSize, taps });
  const context = text.maxPositionEmbeddings;
  if (length >= context) {
    problems.push(
      `length must be below the ${context} tokens of a sentence: ` +
        `current value is ${length}`,
    );
  }
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
}

/** AdaCLIP with its choices, on a CLIP of given sizes. */
class AdaClip extends ClipArchitecture<AdaClipConfig> {
  readonly method: Method = ADA_CLIP;
  override readonly smooth: number = 4;
  /** k-means, which takes a number of rounds that is not known before. */
  override readonly finish: Architecture["finish"];

  constructor(sizes: AdaClipSizes) {
    super(sizes);
    const { config } = sizes;
    this.finish = config.hsf
      ? (outputs, batch) => fusedScores(outputs, batch, config)
      : null;
  }

  get finishPrograms(): FinishPrograms {
    return scorePrograms(this.sizes.config);
  }

  get scoreRule(): string {
    return this.sizes.config.hsf
      ? "probability of the class token and the most abnormal patches"
      : "probability of the class token";
  }

  get prompts(): PromptRules {
    const { config } = this.sizes;
    return {
      sentences: adaClipSentences,
      perState: isPrompted(config, "text") ? SENTENCE_COUNTS : null,
      longestEndOfText: null,
    };
  }

  get headShapes(): Shapes {
    return headShapes(this.sizes.config, this.clip);
  }

  /** Null with dynamic prompts, which are made of the image. */
  get text(): TextProgram | null {
    const { sizes, clip } = this;
    if (hasDynamic(sizes.config, "text")) return null;
    return {
      features: (g, ids, options) => {
        const one = g.reshape(ids, [1, ...ids.shape]);
        const inputs = { ids: one, dynamic: null };
        const features = promptedText(g, inputs, { ...sizes, ...options });
        return g.reshape(features, [2, clip.projectionDim]);
      },
    };
  }

  detection(
    g: GraphBuilder,
    { textLength, smooth }: DetectionOptions,
  ): DetectionOutputs {
    const { sizes, text } = this;
    const options = { textLength, text: text !== null };
    const values = recordModel(g, sizes, options);
    const { hsf, imageSize } = sizes.config;
    const logit_map = enlarge(g, meanLogits(g, values.logits), imageSize);
    const maps = smooth > 0
      ? readMaps(g, stateProbabilities(g, logit_map), smooth)
      : { map: probability(g, logit_map), logit_map };
    return hsf
      ? { ...maps, ...fusionOutputs(g, values), ...scoreOutputs(g, values) }
      : { ...maps, ...readClassToken(g, classLogit(g, values)) };
  }

  get training(): TrainingRules {
    const { sizes, headShapes: shapes } = this;
    const { config } = sizes;
    return {
      initialise: (seed) => initialiseHead(shapes, seed),
      readsText: readsText(config),
      defaults: {
        epochs: 5,
        batchSize: 1,
        learningRate: 0.01,
        schedule: "constant",
        firstBeta: 0.5,
        weightDecay: 0.01,
        decays: "all",
      },
      losses: (g, options) => modelLosses(g, sizes, options),
      ...config.hsf && { hostStep: hostStep(sizes) },
      trainedChoices: () => this.choices,
      longestEndOfText: null,
    };
  }
}
