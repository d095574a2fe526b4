/**
 * The losses of section 3.6, each with weight 1.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { channel, TINY } from "../anomaly_map.ts";
import type { MfpClipConfig } from "./config.ts";

/** What is known of the images of a batch. */
export interface Truth {
  /** 1 where defective, 0 elsewhere, [B, H, H]. */
  readonly mask: Value;
  /** 1 for a defective image, from the data set and not from the mask, [B]. */
  readonly label: Value;
}

/** The losses of one pass, scalars. */
export interface PassLossValues {
  /** Focal loss, gamma 2, mean over pixels. */
  readonly focal: Value;
  /** Dice loss of an image, mean over the batch. */
  readonly dice: Value;
  /** Binary cross-entropy of the image score, mean over the batch. */
  readonly bce: Value;
}

/** Declares what is known of a batch as inputs `mask` and `label`. */
export function truthInputs(g: GraphBuilder, side: number): Truth {
  return {
    mask: g.input("mask", [-1, side, side], "wide"),
    label: g.input("label", [-1], "wide"),
  };
}

/**
 * The losses of a pass.
 *
 * @param m Probabilities of both states [B, S, H, H].
 * @param truth What is known of the images.
 * @param dice Whether dice counts the normal channel too.
 */
export function passLosses(
  g: GraphBuilder,
  m: Value,
  { truth, dice }: { truth: Truth; dice: MfpClipConfig["dice"] },
): PassLossValues {
  const [normal, abnormal] = [channel(g, m, 0), channel(g, m, 1)];
  const inverse = g.subtract(1, truth.mask);
  const missed = diceLoss(g, abnormal, truth.mask);
  return {
    focal: focalLoss(g, { normal, abnormal }, truth.mask),
    dice: dice === "both"
      ? g.add(missed, diceLoss(g, normal, inverse))
      : missed,
    bce: scoreLoss(g, { normal, abnormal }, truth.label),
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
