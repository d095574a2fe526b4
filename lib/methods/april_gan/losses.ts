/**
 * The losses of APRIL-GAN: focal and dice for each tap, with weight 1.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { channel } from "../anomaly_map.ts";
import { byteImages, targetInputs, textInput } from "../inputs.ts";
import type { Losses } from "../training_rules.ts";
import { aprilGan, type AprilGanSizes } from "./model.ts";

/** The smoothing of the focal loss's one-hot masks. */
const SMOOTH = 1e-5;

/** Mean of [B, 1, 1] over the batch, as a scalar. */
function batchMean(g: GraphBuilder, x: Value): Value {
  const ones = g.broadcastTo(g.constant([1], [1, 1, 1], x.type), x.shape);
  const mean = g.divide(g.reduceSum(x, [0]), g.reduceSum(ones, [0]));
  return g.reshape(mean, []);
}

/**
 * Focal loss with gamma 2, mean over the pixels. The published one smooths the
 * one-hot mask by s = 1e-5 and adds s once more: with the probabilities r of
 * the right state and w of the wrong one it is -(1 - p)^2 log p, p = r + 2 s w,
 * so that 1 - p = (1 - 2 s) w is exact near 0.
 */
export function focalLoss(
  g: GraphBuilder,
  probabilities: Value,
  mask: Value,
): Value {
  const [normal, abnormal] = [0, 1].map((i) => channel(g, probabilities, i));
  const defective = g.equal(mask, 1);
  const right = g.select(defective, abnormal!, normal!);
  const wrong = g.select(defective, normal!, abnormal!);
  const p = g.add(right, g.multiply(wrong, 2 * SMOOTH));
  const rest = g.multiply(wrong, 1 - 2 * SMOOTH);
  const loss = g.multiply(g.multiply(rest, rest), g.log(p));
  return g.negate(batchMean(g, g.reduceMean(loss, [1, 2])));
}

/** 1 - (2 |m t| + 1) / (|m| + |t| + 1) for each image, mean over the batch. */
export function diceLoss(
  g: GraphBuilder,
  probabilities: Value,
  mask: Value,
): Value {
  const m = channel(g, probabilities, 1);
  const sum = (x: Value) => g.reduceSum(x, [1, 2]);
  const common = g.add(g.multiply(sum(g.multiply(m, mask)), 2), 1);
  const all = g.add(g.add(sum(m), sum(mask)), 1);
  return batchMean(g, g.subtract(1, g.divide(common, all)));
}

/** The losses of each tap, and their sum. */
export function tapLosses(
  g: GraphBuilder,
  { layers, mask, taps }: {
    readonly layers: readonly Value[];
    readonly mask: Value;
    readonly taps: readonly number[];
  },
): Losses {
  const reports = Object.fromEntries(
    layers.flatMap((layer, i) => [
      [`tap ${taps[i]}.focal`, focalLoss(g, layer, mask)],
      [`tap ${taps[i]}.dice`, diceLoss(g, layer, mask)],
    ]),
  );
  const total = Object.values(reports).reduce((a, b) => g.add(a, b));
  return { total, reports };
}

/** The model with its losses, from `rgb`, `text`, `mask` and `label`. */
export function modelLosses(g: GraphBuilder, sizes: AprilGanSizes): Losses {
  const { clip, config: { imageSize, taps } } = sizes;
  const rgb = byteImages(g, imageSize);
  const text = textInput(g, clip);
  const { mask } = targetInputs(g, imageSize);
  const { layers } = aprilGan(g, { rgb, text }, sizes);
  return tapLosses(g, { layers, mask, taps });
}
