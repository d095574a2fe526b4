/**
 * A model of the sixth method without its weights.
 *
 * @module
 */
import type { Shapes } from "../../../lib/checkpoint/check_weights.ts";
import { cannotLoad } from "../../../lib/checkpoint/cannot_load.ts";
import { linearLayer } from "../../../lib/clip/transformer.ts";
import {
  embedPatches,
  enterTower,
  visionBlock,
} from "../../../lib/clip/vision_transformer.ts";
import type { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Value } from "../../../lib/graph/graph.ts";
import { l2Normalize } from "../../../lib/graph/nn.ts";
import { bilinearMatrix, resampleImage } from "../../../lib/graph/resample.ts";
import { channel, readDetection } from "../../../lib/methods/anomaly_map.ts";
import type {
  Architecture,
  DetectionOptions,
  DetectionOutputs,
} from "../../../lib/methods/architecture.ts";
import { sizeProblems } from "../../../lib/methods/check_sizes.ts";
import { ClipArchitecture } from "../../../lib/methods/clip_architecture.ts";
import { drawHead } from "../../../lib/methods/draw_head.ts";
import { diceLoss, focalLoss } from "../../../lib/methods/focal_dice.ts";
import {
  byteImages,
  normalise,
  targetInputs,
  textInput,
} from "../../../lib/methods/inputs.ts";
import {
  abnormalDirection,
  abnormalLogits,
  logitScale,
  stateProbabilities,
} from "../../../lib/methods/logits.ts";
import type {
  Backbones,
  ChoicesFile,
  Method,
} from "../../../lib/methods/method.ts";
import { ensembleFeatures } from "../../../lib/methods/text_ensemble.ts";
import type {
  PromptRules,
  TextProgram,
} from "../../../lib/methods/text_rules.ts";
import type { TrainingRules } from "../../../lib/methods/training_rules.ts";
import { parsePatchProbeConfig, type PatchProbeConfig } from "./config.ts";
import { PATCH_PROBE } from "./method.ts";

/** A model of the sixth method. */
export function fit(
  { clip }: Backbones,
  { json, path }: ChoicesFile,
): Architecture {
  const config = parsePatchProbeConfig(json, path);
  const taps = [clip.vision.numHiddenLayers];
  const problems = sizeProblems(clip.vision, { ...config, taps });
  if (problems.length > 0) cannotLoad(path, problems.join(", "));
  return new PatchProbe({ clip, config });
}

class PatchProbe extends ClipArchitecture<PatchProbeConfig> {
  readonly method: Method = PATCH_PROBE;
  readonly scoreRule = "maximum of the map";
  readonly prompts: PromptRules = {
    sentences: (name) => ({
      normal: [`a photo of a flawless ${name}`],
      abnormal: [`a photo of a damaged ${name}`],
    }),
    perState: null,
    longestEndOfText: null,
  };

  get headShapes(): Shapes {
    const { vision, projectionDim } = this.clip;
    return new Map([
      ["probe.weight", [projectionDim, vision.hiddenSize]],
      ["probe.bias", [projectionDim]],
    ]);
  }

  get text(): TextProgram {
    const { clip } = this;
    return {
      features: (g, ids, options) =>
        ensembleFeatures(g, ids, { ...options, clip, unitSentences: true }),
    };
  }

  /** Probabilities of both states [B, 2, H, H]. */
  #states(g: GraphBuilder): Value {
    const { vision, projectionDim: width } = this.clip;
    const image = normalise(g, byteImages(g, this.imageSize));
    let x = enterTower(g, embedPatches(g, image, vision), vision);
    for (let index = 0; index < vision.numHiddenLayers; index++) {
      const entering = x;
      x = g.segment(() => visionBlock(g, entering, { vision, index }));
    }
    const patches = g.slice(x, 1, 1, x.shape[1]!);
    const features = linearLayer(g, patches, { name: "probe", width });
    const direction = abnormalDirection(
      g,
      textInput(g, this.clip),
      logitScale(g, null),
    );
    const logits = abnormalLogits(g, l2Normalize(g, features), direction);
    const [batch, count] = logits.shape as [number, number];
    const grid = Math.sqrt(count);
    const matrix = bilinearMatrix(this.imageSize, grid);
    const map = g.reshape(logits, [batch, grid, grid]);
    return stateProbabilities(g, resampleImage(g, map, matrix));
  }

  detection(g: GraphBuilder, { smooth }: DetectionOptions): DetectionOutputs {
    return { ...readDetection(g, this.#states(g), smooth) };
  }

  get training(): TrainingRules {
    const reach = this.clip.vision.hiddenSize ** -0.5;
    return {
      initialise: (seed) =>
        drawHead(this.headShapes, seed, (_, random) => random.about(reach)),
      readsText: true,
      defaults: {
        epochs: 1,
        batchSize: 1,
        learningRate: 0.001,
        schedule: "constant",
        firstBeta: 0.9,
      },
      losses: (g) => {
        const states = this.#states(g);
        const { mask } = targetInputs(g, this.imageSize);
        const [normal, abnormal] = [0, 1].map((i) => channel(g, states, i));
        const focal = focalLoss(g, [normal!, abnormal!], mask);
        const dice = diceLoss(g, abnormal!, mask);
        return { total: g.add(focal, dice), reports: { focal, dice } };
      },
      trainedChoices: () => this.choices,
      longestEndOfText: null,
    };
  }
}
