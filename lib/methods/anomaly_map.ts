/**
 * From features to anomaly maps and scores, equations 11 to 13.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { softmax } from "../graph/nn.ts";
import {
  bilinearMatrix,
  gaussianMatrix,
  resampleImage,
} from "../graph/resample.ts";
import { probability } from "./logits.ts";

/** Smallest probability in logarithms; smaller ones are raised to it. */
export const TINY = 1e-30;

/**
 * Equations 11 and 12: softmax over the states of scaled cosines, enlarged and
 * averaged over the taps. Enlarging is linear, so the mean is taken first.
 *
 * @param features Unit patch features of each tap [B, P, Dt].
 * @param options Unit text features [B, S, Dt], the scale as a scalar, and the
 * side H of the map.
 * @returns Probabilities of both states [B, S, H, H]; they add to 1, so
 * neither loses precision near 0.
 */
export function anomalyMap(
  g: GraphBuilder,
  features: readonly Value[],
  { text, scale, side }: { text: Value; scale: Value; side: number },
): Value {
  return g.scope("anomaly_map", () => {
    const probabilities = features.map((feature) => {
      const cosine = g.matMul(feature, text, { transposeB: true }); // [B, P, S]
      return softmax(g, g.multiply(g.cast(cosine, "wide"), scale));
    });
    const sum = probabilities.reduce((a, b) => g.add(a, b));
    const mean = g.multiply(sum, 1 / features.length);
    const [batch, patches, states] = mean.shape as [number, number, number];
    const grid = Math.sqrt(patches);
    const channels = g.reshape(g.transpose(mean, [0, 2, 1]), [
      batch,
      states,
      grid,
      grid,
    ]);
    return resampleImage(g, channels, bilinearMatrix(side, grid));
  });
}

/** Maps and scores of a detector. */
export interface DetectionValues {
  /** Anomaly map M, [B, H, H] in [0, 1]. */
  readonly map: Value;
  /** log M - log(1 - M), [B, H, H]. It still differs where M rounds to 1. */
  readonly logit_map: Value;
  /**
   * Image score S, [B]: the maximum of M before any smoothing, or what the
   * method takes from the class token.
   */
  readonly score: Value;
  /** log S - log(1 - S), [B]; it ranks where S saturates. */
  readonly score_logit: Value;
}

/**
 * Equation 13: the scores, and the map as M and as logit map.
 *
 * @param probabilities [B, S, H, H].
 * @param smooth Standard deviation in pixels of the Gaussian that smooths the
 * maps; 0 for none.
 */
export function readDetection(
  g: GraphBuilder,
  probabilities: Value,
  smooth: number,
): DetectionValues {
  return g.scope("detection", () => {
    const [batch] = probabilities.shape as [number];
    const maximum = (x: Value) => g.reshape(g.reduceMax(x, [1, 2]), [batch]);
    return {
      ...readMaps(g, probabilities, smooth),
      score: maximum(channel(g, probabilities, 1)),
      score_logit: maximum(logit(g, probabilities)),
    };
  });
}

/**
 * The map in both forms.
 *
 * @param probabilities [B, S, H, H].
 * @param smooth Standard deviation in pixels of the Gaussian that smooths the
 * maps; 0 for none.
 */
export function readMaps(
  g: GraphBuilder,
  probabilities: Value,
  smooth: number,
): Pick<DetectionValues, "map" | "logit_map"> {
  const side = probabilities.shape[2]!;
  const smoothed = smooth > 0
    ? resampleImage(g, probabilities, gaussianMatrix(side, smooth))
    : probabilities;
  return { map: channel(g, smoothed, 1), logit_map: logit(g, smoothed) };
}

/**
 * The score from probabilities of both states [B, 2]; the logit does not lose
 * precision near 0 and 1.
 */
export function readScore(
  g: GraphBuilder,
  probabilities: Value,
): Pick<DetectionValues, "score" | "score_logit"> {
  const state = (i: number) =>
    g.reshape(g.slice(probabilities, 1, i, i + 1), [probabilities.shape[0]!]);
  const log = (x: Value) => g.log(g.maximum(x, TINY));
  const score = state(1);
  return { score, score_logit: g.subtract(log(score), log(state(0))) };
}

/**
 * The image score of a class token, from its logit of the abnormal state
 * [B, 1].
 */
export function readClassToken(
  g: GraphBuilder,
  logit: Value,
): Pick<DetectionValues, "score" | "score_logit"> {
  const score_logit = g.reshape(logit, [logit.shape[0]!]);
  return { score: probability(g, score_logit), score_logit };
}

/** One state of probabilities [B, S, H, H]: [B, H, H]. */
export function channel(g: GraphBuilder, x: Value, state: number): Value {
  const [batch, , side] = x.shape as [number, number, number];
  return g.reshape(g.slice(x, 1, state, state + 1), [batch, side, side]);
}

/**
 * The logit at the centre of each patch, before any smoothing.
 *
 * @param probabilities [B, S, H, H].
 * @param grid Patches per row and column, g.
 * @returns [B, g, g].
 */
export function patchLogit(
  g: GraphBuilder,
  probabilities: Value,
  grid: number,
): Value {
  const [batch, , side] = probabilities.shape as [number, number, number];
  const patch = side / grid;
  const centre = Math.floor(patch / 2);
  const cells = [batch, grid, patch, grid, patch];
  const column = g.slice(
    g.reshape(logit(g, probabilities), cells),
    4,
    centre,
    centre + 1,
  ); // [B, g, p, g, 1]
  const point = g.slice(column, 2, centre, centre + 1);
  return g.reshape(point, [batch, grid, grid]);
}

function logit(g: GraphBuilder, probabilities: Value): Value {
  const log = (state: number) =>
    g.log(g.maximum(channel(g, probabilities, state), TINY));
  return g.subtract(log(1), log(0));
}
