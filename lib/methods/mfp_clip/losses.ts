/**
 * The losses of section 3.6, each with weight 1.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { channel, TINY } from "../anomaly_map.ts";
import {
  byteImages,
  promptIdsInput,
  targetInputs,
  type Targets,
} from "../inputs.ts";
import type { Losses } from "../training_rules.ts";
import type { MfpClipConfig } from "./config.ts";
import { mfpClip, type MfpClipOptions } from "./model.ts";

/** The losses of one pass, scalars. */
export interface PassLossValues {
  /** Focal loss, gamma 2, mean over pixels. */
  readonly focal: Value;
  /** Dice loss of an image, mean over the batch. */
  readonly dice: Value;
  /** Binary cross-entropy of the image score, mean over the batch. */
  readonly bce: Value;
}

/**
 * The losses of a pass.
 *
 * @param m Probabilities of both states [B, S, H, H].
 * @param targets What is known of the images.
 * @param dice Whether dice counts the normal channel too.
 */
export function passLosses(
  g: GraphBuilder,
  m: Value,
  { targets, dice }: { targets: Targets; dice: MfpClipConfig["dice"] },
): PassLossValues {
  const [normal, abnormal] = [channel(g, m, 0), channel(g, m, 1)];
  const inverse = g.subtract(1, targets.mask);
  const ofAbnormal = diceLoss(g, abnormal, targets.mask);
  return {
    focal: focalLoss(g, { normal, abnormal }, targets.mask),
    dice: dice === "both"
      ? g.add(ofAbnormal, diceLoss(g, normal, inverse))
      : ofAbnormal,
    bce: scoreLoss(g, { normal, abnormal }, targets.label),
  };
}

interface Channels {
  readonly normal: Value;
  readonly abnormal: Value;
}

function focalLoss(
  g: GraphBuilder,
  { normal, abnormal }: Channels,
  mask: Value,
): Value {
  const defective = g.equal(mask, 1);
  const right = g.select(defective, abnormal, normal);
  const wrong = g.select(defective, normal, abnormal);
  const loss = g.multiply(g.multiply(wrong, wrong), logarithm(g, right));
  return g.negate(batchMean(g, g.reduceMean(loss, [1, 2])));
}

/** 1 - (2 |m t| + 1) / (|m| + |t| + 1), for each image. */
function diceLoss(g: GraphBuilder, m: Value, t: Value): Value {
  const sum = (x: Value) => g.reduceSum(x, [1, 2]);
  const common = g.add(g.multiply(sum(g.multiply(m, t)), 2), 1);
  const all = g.add(g.add(sum(m), sum(t)), 1);
  return batchMean(g, g.subtract(1, g.divide(common, all)));
}

/** S is the largest M, so 1 - S is the smallest 1 - M. */
function scoreLoss(
  g: GraphBuilder,
  { normal, abnormal }: Channels,
  label: Value,
): Value {
  const target = g.reshape(label, [-1, 1, 1]);
  const abnormalScore = logarithm(g, g.reduceMax(abnormal, [1, 2]));
  const normalScore = logarithm(g, g.reduceMin(normal, [1, 2]));
  const loss = g.add(
    g.multiply(target, abnormalScore),
    g.multiply(g.subtract(1, target), normalScore),
  );
  return g.negate(batchMean(g, loss));
}

function logarithm(g: GraphBuilder, x: Value): Value {
  return g.log(g.maximum(x, TINY));
}

/** Mean of [B, 1, 1] over the batch, as a scalar. */
function batchMean(g: GraphBuilder, x: Value): Value {
  const ones = g.broadcastTo(g.constant([1], [1, 1, 1], x.type), x.shape);
  const mean = g.divide(g.reduceSum(x, [0]), g.reduceSum(ones, [0]));
  return g.reshape(mean, []);
}

/** The sum of losses that training lowers. */
export function totalLoss(
  g: GraphBuilder,
  passes: readonly PassLossValues[],
): Value {
  return passes.flatMap(({ focal, dice, bce }) => [focal, dice, bce]).reduce(
    (a, b) => g.add(a, b),
  );
}

/** Names of a pass's losses among the reported ones. */
function reportsOf(pass: string, losses: PassLossValues): [string, Value][] {
  const { focal, dice, bce } = losses;
  return Object.entries({ focal, dice, bce }).map(([kind, loss]) => [
    `${pass}.${kind}`,
    loss,
  ]);
}

/**
 * The model with its losses, from the inputs `rgb`, `ids`, `mask` and `label`.
 * The losses of each pass are reported, supervised or not.
 */
export function modelLosses(
  g: GraphBuilder,
  options: Omit<MfpClipOptions, "smooth">,
): Losses {
  const { clip, config } = options;
  const rgb = byteImages(g, config.imageSize);
  const ids = promptIdsInput(g, clip);
  const targets = targetInputs(g, config.imageSize);
  const values = mfpClip(g, { rgb, ids }, options);
  const lossesOf = (m: Value) =>
    passLosses(g, m, { targets, dice: config.dice });
  const refined = lossesOf(values.refined);
  const coarse = config.mp ? lossesOf(values.coarse) : null;
  const supervised = coarse === null || config.supervise === "refined"
    ? [refined]
    : [coarse, refined];
  return {
    total: totalLoss(g, supervised),
    reports: Object.fromEntries([
      ...coarse === null ? [] : reportsOf("coarse", coarse),
      ...reportsOf("refined", refined),
    ]),
  };
}
