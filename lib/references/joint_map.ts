/**
 * The anomaly map of an image beside the good images of its product: distances
 * to the nearest good patch, with the zero-shot map where that is unusual.
 *
 * @module
 */
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph, Value } from "../graph/graph.ts";
import {
  bilinearMatrix,
  gaussianMatrix,
  resampleImage,
} from "../graph/resample.ts";
import { type DetectionValues, TINY } from "../methods/anomaly_map.ts";
import { probability } from "../methods/logits.ts";
import { halfNorms, nearestDistances } from "./distances.ts";
import { type Calibration, keptPatches, type Memory } from "./memory.ts";
import { joinTaps, patchFeatures, tapInputs } from "./views.ts";

/** Logit per threshold: at twice the threshold of good images M is 0.993. */
const DISTANCE_SCALE = 5;

/** How much an unusual zero-shot logit adds, per standard deviation. */
const ZERO_SHOT_SCALE = 0.3;

/** Keeps logits finite, also as float16. */
const LARGEST_LOGIT = 6e4;

/** Options of {@linkcode jointGraph}. */
export interface JointOptions {
  /** Side of the maps in pixels, H. */
  readonly side: number;
  /**
   * Standard deviation in pixels of the Gaussian that smooths the maps, but
   * not the scores; 0 for none.
   */
  readonly smooth: number;
}

/**
 * The program of one image. Its inputs are `tap_0`, `tap_1` ... [1, P, D] and
 * `patch_logit` [1, g, g]; its outputs those of the zero-shot program, `map`
 * and `logit_map` [1, H, H], `score` and `score_logit` [1].
 */
export function jointGraph(memory: Memory, options: JointOptions): Graph {
  const g = new GraphBuilder();
  const { grid } = memory.sizes;
  const taps = tapInputs(g, memory.sizes);
  const zeroShot = g.input("patch_logit", [1, grid, grid], "wide");
  const features = patchFeatures(g, taps, memory); // [P, F]
  return g.build({
    ...detectJoint(g, { features, zeroShot }, { memory, options }),
  });
}

/**
 * The same for many images at a time, as a part of another program.
 *
 * @param outputs Patch tokens of each tap, each [B, P, D], and the zero-shot
 * logits of the patches [B, g, g].
 * @param memory The good images.
 * @param options The side of the maps, and how they are smoothed.
 */
export function jointDetection(
  g: GraphBuilder,
  { taps, zeroShot }: { taps: readonly Value[]; zeroShot: Value },
  { memory, options }: JointParts,
): DetectionValues {
  const features = patchFeatures(g, joinTaps(g, taps), memory); // [B, P, F]
  return detectJoint(g, { features, zeroShot }, { memory, options });
}

/** A memory, and what its maps are like. */
interface JointParts {
  readonly memory: Memory;
  readonly options: JointOptions;
}

function detectJoint(
  g: GraphBuilder,
  { features, zeroShot }: { features: Value; zeroShot: Value },
  { memory, options }: JointParts,
): DetectionValues {
  const cells = zeroShot.shape; // [B, g, g]
  const distances = g.reshape(distancesTo(g, features, memory), cells);
  const logit = jointLogit(g, { distances, zeroShot }, memory);
  return readJoint(g, logit, options);
}

/**
 * Distances and zero-shot logits on a common scale, as {@linkcode jointGraph}
 * computes them.
 *
 * @param distances To the nearest good patch [P].
 * @param zeroShot Zero-shot logits [P].
 */
export function jointLogits(
  distances: Float32Array,
  zeroShot: Float32Array,
  { position, threshold, logitMedian, logitSpread }: Calibration,
): Float32Array {
  return distances.map((distance, i) => {
    const far = DISTANCE_SCALE * (distance / (position[i]! * threshold) - 1);
    const unusual = Math.max(zeroShot[i]! - logitMedian, 0);
    const logit = far + unusual * ZERO_SHOT_SCALE / logitSpread;
    return Math.min(logit, LARGEST_LOGIT);
  });
}

/** Distances and zero-shot logits on a common scale [B, g, g]. */
function jointLogit(
  g: GraphBuilder,
  { distances, zeroShot }: { distances: Value; zeroShot: Value },
  { sizes, calibration }: Memory,
): Value {
  const { position, threshold, logitMedian, logitSpread } = calibration;
  const usual = g.constant(
    position.map((q) => DISTANCE_SCALE / (q * threshold)),
    [1, sizes.grid, sizes.grid],
    "wide",
  );
  const unusual = g.leakyRelu(g.subtract(zeroShot, logitMedian));
  const joint = g.add(
    g.subtract(g.multiply(distances, usual), DISTANCE_SCALE),
    g.multiply(unusual, ZERO_SHOT_SCALE / logitSpread),
  );
  return g.minimum(joint, LARGEST_LOGIT);
}

function distancesTo(
  g: GraphBuilder,
  features: Value,
  memory: Memory,
): Value {
  const { projection, features: rows } = memory;
  const width = projection.bias.length;
  const count = keptPatches(memory);
  return nearestDistances(g, features, {
    memory: g.constant(rows, [count, width], "wide"),
    norms: g.constant(halfNorms(rows, width), [count], "wide"),
  });
}

/** The score is taken on the grid; enlarging only mixes its cells. */
function readJoint(
  g: GraphBuilder,
  logit: Value,
  { side, smooth }: JointOptions,
): DetectionValues {
  const [batch, grid] = logit.shape as [number, number];
  const score_logit = g.reshape(g.reduceMax(logit, [1, 2]), [batch]);
  const enlarged = resampleImage(g, logit, bilinearMatrix(side, grid));
  const score = probability(g, score_logit);
  if (smooth === 0) {
    const map = probability(g, enlarged);
    return { map, logit_map: enlarged, score, score_logit };
  }
  const filtered = (x: Value) =>
    resampleImage(g, probability(g, x), gaussianMatrix(side, smooth));
  const [map, rest] = [
    filtered(enlarged),
    filtered(g.negate(enlarged)),
  ] as const;
  const log = (x: Value) => g.log(g.maximum(x, TINY));
  const logit_map = g.subtract(log(map), log(rest));
  return { map, logit_map, score, score_logit };
}
