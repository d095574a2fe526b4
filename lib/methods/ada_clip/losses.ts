/**
 * The losses of AdaCLIP: focal and dice for each tap, and focal for the score,
 * all with weight 1.
 *
 * @module
 */
import { gridSize } from "../../clip/vision_transformer.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { BATCH } from "../../graph/shape.ts";
import { diceLoss, focalLoss } from "../focal_dice.ts";
import {
  byteImages,
  promptIdsInput,
  targetInputs,
  textInput,
} from "../inputs.ts";
import { probability } from "../logits.ts";
import type { HostStep, Losses, LossOptions } from "../training_rules.ts";
import type { AdaClipConfig } from "./config.ts";
import { isPrompted } from "./head.ts";
import { adaClip, type AdaClipValues, enlarge } from "./model.ts";
import { classLogit, fusedLogit, fusionOutputs, weightsOf } from "./score.ts";
import { SENTENCE_COUNTS } from "./sentences.ts";
import type { AdaClipSizes } from "./towers.ts";

const SENTENCES = SENTENCE_COUNTS[0] + SENTENCE_COUNTS[1];

/** The input that {@linkcode hostStep} computes. */
const WEIGHTS = "fusion_weights";

/** Probabilities of both states from logits of the abnormal one. */
function states(g: GraphBuilder, logits: Value): [Value, Value] {
  return [probability(g, g.negate(logits)), probability(g, logits)];
}

/** The model, from `rgb` and `ids`, or `text` where no prompt changes it. */
export function recordModel(
  g: GraphBuilder,
  sizes: AdaClipSizes,
  { textLength: length, text }: LossOptions & { readonly text: boolean },
): AdaClipValues {
  const rgb = byteImages(g, sizes.config.imageSize);
  const inputs = text
    ? { rgb, text: textInput(g, sizes.clip) }
    : { rgb, ids: promptIdsInput(g, sizes.clip, SENTENCES) };
  return adaClip(g, inputs, { ...sizes, length });
}

/** Whether the losses read text features that training does not change. */
export function readsText(config: AdaClipConfig): boolean {
  return !isPrompted(config, "text");
}

/** Focal and dice of one tap: of either state, for each row or image. */
function tapLosses(
  g: GraphBuilder,
  logits: Value,
  { mask, config }: { mask: Value; config: AdaClipConfig },
): Readonly<Record<"focal" | "dice" | "dice of normal", Value>> {
  const maps = states(g, enlarge(g, logits, config.imageSize));
  const axes = config.dice === "row" ? [2] : [1, 2];
  return {
    focal: focalLoss(g, maps, mask),
    dice: diceLoss(g, maps[1], mask, axes),
    "dice of normal": diceLoss(g, maps[0], g.subtract(1, mask), axes),
  };
}

/** The score as training reads it: the weights of patches are an input. */
function scoreLogit(
  g: GraphBuilder,
  values: AdaClipValues,
  { clip, config }: AdaClipSizes,
): Value {
  if (!config.hsf) return classLogit(g, values);
  const patches = gridSize(clip.vision, config.imageSize) ** 2;
  const weights = g.input(WEIGHTS, [BATCH, patches], "wide");
  return fusedLogit(g, values, { weights, alpha: config.alpha });
}

/** The model with its losses. */
export function modelLosses(
  g: GraphBuilder,
  sizes: AdaClipSizes,
  options: LossOptions,
): Losses {
  const { config } = sizes;
  const text = readsText(config);
  const values = recordModel(g, sizes, { ...options, text });
  const { mask, label } = targetInputs(g, config.imageSize);
  const taps = config.taps.toSorted((a, b) => a - b);
  const reports: Record<string, Value> = {};
  for (const [i, logits] of values.logits.entries()) {
    const own = tapLosses(g, logits, { mask, config });
    for (const [name, loss] of Object.entries(own)) {
      reports[`tap ${taps[i]}.${name}`] = loss;
    }
  }
  const logit = scoreLogit(g, values, sizes); // [B, 1]
  const score = states(g, g.reshape(logit, [logit.shape[0]!]));
  reports["image.focal"] = focalLoss(g, score, label);
  const total = Object.values(reports).reduce((a, b) => g.add(a, b));
  return { total, reports };
}

/**
 * The weights of patches, found before each step with the tensors of that step.
 * No gradient flows through them, as published.
 */
export function hostStep(sizes: AdaClipSizes): HostStep {
  const { config } = sizes;
  return {
    outputs(g, options) {
      const text = readsText(config);
      const values = recordModel(g, sizes, { ...options, text });
      return fusionOutputs(g, values);
    },
    inputs(outputs, batch) {
      const data = weightsOf(outputs, batch, config);
      return { [WEIGHTS]: { shape: [batch, data.length / batch], data } };
    },
  };
}
