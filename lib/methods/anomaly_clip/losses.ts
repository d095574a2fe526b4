/**
 * The losses of AnomalyCLIP: focal and dice of the map at each tap, and the
 * cross-entropy of the class token.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { channel } from "../anomaly_map.ts";
import type { ClipSizes } from "../clip_architecture.ts";
import { batchMean, diceLoss, focalLoss } from "../focal_dice.ts";
import { promptIdsInput, targetInputs, type Targets } from "../inputs.ts";
import type { Losses, LossOptions } from "../training_rules.ts";
import type { AnomalyClipConfig } from "./config.ts";
import { type AnomalyClipValues, compareWithText, enlarge } from "./model.ts";
import { promptedText } from "./prompted_text.ts";

/**
 * Cross-entropy of the class token, -log of the probability of the right state:
 * log(1 + e^x), where x is the logit of the wrong one.
 *
 * @param logit Logit of the abnormal state [B, 1].
 * @param label 1 for a defective image [B].
 */
export function imageLoss(g: GraphBuilder, logit: Value, label: Value): Value {
  const own = g.reshape(logit, [label.shape[0]!]);
  const x = g.multiply(own, g.subtract(1, g.multiply(label, 2)));
  const size = g.maximum(x, g.negate(x));
  const rest = g.log(g.add(g.exp(g.negate(size)), 1));
  return batchMean(g, g.add(g.maximum(x, 0), rest));
}

/** The losses of each kind, summed over the taps, and their weighted sum. */
export function allLosses(
  g: GraphBuilder,
  { layers, token }: AnomalyClipValues,
  { mask, label, config }: Targets & { readonly config: AnomalyClipConfig },
): Losses {
  const good = g.subtract(1, mask);
  const parts = layers.map((layer) => {
    const states = enlarge(g, layer, config); // [B, 2, H, H]
    const [normal, abnormal] = [channel(g, states, 0), channel(g, states, 1)];
    return {
      focal: focalLoss(g, [normal, abnormal], mask),
      dice_abnormal: diceLoss(g, abnormal, mask),
      dice_normal: diceLoss(g, normal, good),
    };
  });
  const sum = (kind: keyof (typeof parts)[number]) =>
    parts.map((part) => part[kind]).reduce((a, b) => g.add(a, b));
  const local = {
    focal: sum("focal"),
    dice_abnormal: sum("dice_abnormal"),
    dice_normal: sum("dice_normal"),
  };
  const image = imageLoss(g, token, label);
  const ofMap = Object.values(local).reduce((a, b) => g.add(a, b));
  const total = g.add(g.multiply(ofMap, config.localWeight), image);
  return { total, reports: { ...local, image } };
}

/** The model with its losses, from features of images, `ids` and targets. */
export function modelLosses(
  g: GraphBuilder,
  { clip, config }: ClipSizes<AnomalyClipConfig>,
  { textLength: length, image }: LossOptions,
): Losses {
  const targets = targetInputs(g, config.imageSize);
  // All products have the same two sentences: one copy is enough.
  const ids = g.reduceMax(promptIdsInput(g, clip), [0]); // [1, 2, n]
  const text = promptedText(g, ids, { clip, config, length });
  const values = compareWithText(g, { image: image!, text }, config);
  return allLosses(g, values, { ...targets, config });
}
