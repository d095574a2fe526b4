/**
 * A model of AnomalyCLIP without its weights.
 *
 * @module
 */
import type { Shapes } from "../../checkpoint/check_weights.ts";
import { cannotLoad } from "../../checkpoint/cannot_load.ts";
import { type ClipConfig, withActivation } from "../../clip/config.ts";
import { gridSize } from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import { readClassToken, readMaps } from "../anomaly_map.ts";
import type {
  Architecture,
  DetectionOptions,
  DetectionOutputs,
} from "../architecture.ts";
import { sizeProblems } from "../check_sizes.ts";
import { ClipArchitecture } from "../clip_architecture.ts";
import { byteImages, textInput } from "../inputs.ts";
import type { Backbones, ChoicesFile, Method } from "../method.ts";
import type { PromptRules, TextProgram } from "../text_rules.ts";
import type { ImageFeatures, TrainingRules } from "../training_rules.ts";
import { type AnomalyClipConfig, parseAnomalyClipConfig } from "./config.ts";
import { headShapes, initialiseHead } from "./head.ts";
import { modelLosses } from "./losses.ts";
import { ANOMALY_CLIP } from "./method.ts";
import { compareWithText, enlarge, meanLayer } from "./model.ts";
import { promptedText } from "./prompted_text.ts";
import { anomalyClipSentences } from "./sentences.ts";
import { CLASS_TOKEN, imageSide, patchesName, tapsOf } from "./vision.ts";

/**
 * AnomalyCLIP with the choices of a file, on a CLIP of given sizes.
 *
 * @throws {ModelError} If a value is not usable or does not fit.
 */
export function fit(
  { clip }: Backbones,
  { json, path }: ChoicesFile,
): Architecture {
  const config = parseAnomalyClipConfig(json, path);
  checkSizes(clip, config, path);
  const activation = config.activation ?? clip.vision.hiddenAct;
  return new AnomalyClip({ clip: withActivation(clip, activation), config });
}

function checkSizes(
  { vision, text }: ClipConfig,
  config: AnomalyClipConfig,
  path: string,
): void {
  const problems = sizeProblems(vision, config);
  // The start stands before the learned tokens, the end behind them.
  const most = text.maxPositionEmbeddings - 2;
  if (config.context > most) {
    problems.push(
      `context must be at most ${most} of the ${most + 2} tokens of a ` +
        `sentence: current value is ${config.context}`,
    );
  }
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
}

/** AnomalyCLIP with its choices, on a CLIP of given sizes. */
class AnomalyClip extends ClipArchitecture<AnomalyClipConfig> {
  readonly method: Method = ANOMALY_CLIP;
  readonly scoreRule = "probability of the class token";
  override readonly smooth: number = 4;

  get headShapes(): Shapes {
    return headShapes(this.sizes.config, this.clip.text.hiddenSize);
  }

  get prompts(): PromptRules {
    const fixed = anomalyClipSentences(this.sizes.config);
    return {
      sentences: () => fixed,
      fixed,
      perState: [1, 1],
      longestEndOfText: null,
    };
  }

  get text(): TextProgram {
    const { sizes, clip } = this;
    return {
      features: (g, ids, { length }) => {
        const one = g.reshape(ids, [1, ...ids.shape]); // [1, 2, n]
        const features = promptedText(g, one, { ...sizes, length });
        return g.reshape(features, [2, clip.projectionDim]);
      },
    };
  }

  detection(g: GraphBuilder, { smooth }: DetectionOptions): DetectionOutputs {
    const { config } = this.sizes;
    const image = this.#imageFeatures.record(g);
    const text = textInput(g, this.clip);
    const { layers, token } = compareWithText(g, { image, text }, config);
    const states = enlarge(g, meanLayer(g, layers), config);
    return { ...readMaps(g, states, smooth), ...readClassToken(g, token) };
  }

  get #imageFeatures(): ImageFeatures {
    const { sizes: { config }, clip, imageSize } = this;
    const width = clip.projectionDim;
    const patches = gridSize(clip.vision, imageSize) ** 2;
    return {
      shapes: new Map([
        [CLASS_TOKEN, [1, width]],
        ...tapsOf(config).map((tap) =>
          [patchesName(tap), [patches, width]] as const
        ),
      ]),
      record: (g) => imageSide(g, byteImages(g, imageSize), this.sizes),
    };
  }

  get training(): TrainingRules {
    const { sizes, headShapes: shapes } = this;
    return {
      initialise: (seed) => initialiseHead(shapes, seed),
      readsText: false,
      image: this.#imageFeatures,
      defaults: {
        epochs: 15,
        batchSize: 8,
        learningRate: 0.001,
        schedule: "constant",
        firstBeta: 0.5,
      },
      losses: (g, options) => modelLosses(g, sizes, options),
      trainedChoices: () => this.choices,
      longestEndOfText: null,
    };
  }
}
