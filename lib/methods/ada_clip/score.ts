/**
 * The image score of AdaCLIP: of the class token, or of it and the most
 * abnormal patches (HSF).
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { l2Normalize } from "../../graph/nn.ts";
import type { HostArrays, HostScores } from "../architecture.ts";
import { abnormalLogits } from "../logits.ts";
import type { AdaClipConfig } from "./config.ts";
import { fuse, fusionWeights } from "./fusion.ts";
import { type AdaClipValues, meanLogits } from "./model.ts";

/** The logit of the class token alone [B, 1]. */
export function classLogit(
  g: GraphBuilder,
  { image, direction }: AdaClipValues,
): Value {
  const [batch, width] = image.shape as [number, number];
  return abnormalLogits(g, g.reshape(image, [batch, 1, width]), direction);
}

/**
 * The logit of class token and patches [B, 1].
 *
 * @param weights How much of each patch is read [B, P].
 */
export function fusedLogit(
  g: GraphBuilder,
  { patches, image, direction }: AdaClipValues,
  { weights, alpha }: { weights: Value; alpha: number },
): Value {
  const [batch, count] = weights.shape as [number, number];
  const sum = patches.reduce((a, b) => g.add(a, b));
  const mean = g.multiply(g.cast(sum, "wide"), 1 / patches.length);
  const row = g.reshape(weights, [batch, 1, count]);
  const fused = l2Normalize(g, g.matMul(row, mean)); // [B, 1, Dt]
  const token = g.reshape(g.cast(image, "wide"), fused.shape);
  const both = g.add(
    g.multiply(fused, alpha),
    g.multiply(token, 1 - alpha),
  );
  const feature = g.cast(l2Normalize(g, both), image.type);
  return abnormalLogits(g, feature, direction);
}

/** What the host reads: `gap` [B, P] and `feature_0` ... [B, P, Dt]. */
export function fusionOutputs(
  g: GraphBuilder,
  { logits, patches }: AdaClipValues,
): Readonly<Record<string, Value>> {
  const features = patches.map((patch, i) =>
    [`feature_${i}`, g.cast(patch, "wide")] as const
  );
  return { gap: meanLogits(g, logits), ...Object.fromEntries(features) };
}

/** What else the host reads to score images: two vectors [B, Dt]. */
export function scoreOutputs(
  g: GraphBuilder,
  { image, direction }: AdaClipValues,
): Readonly<Record<"class" | "direction", Value>> {
  const vector = g.reshape(direction, image.shape);
  return { class: g.cast(image, "wide"), direction: g.cast(vector, "wide") };
}

/** The part of a tensor [B, ...] that belongs to one image. */
function partOf(data: Float32Array, batch: number, image: number) {
  const size = data.length / batch;
  return data.subarray(image * size, (image + 1) * size);
}

/** The features of an image, in the order of the taps: T x [P, Dt]. */
function featuresOf(
  outputs: HostArrays,
  batch: number,
  image: number,
): Float32Array[] {
  const features: Float32Array[] = [];
  for (let i = 0; `feature_${i}` in outputs; i++) {
    features.push(partOf(outputs[`feature_${i}`]!, batch, image));
  }
  return features;
}

/**
 * How much of each patch the score reads. An image does not change the weights
 * of another.
 *
 * @param outputs What {@linkcode fusionOutputs} recorded.
 * @returns [B, P].
 */
export function weightsOf(
  outputs: HostArrays,
  batch: number,
  config: AdaClipConfig,
): Float32Array {
  const all = new Float32Array(outputs.gap!.length);
  const patches = all.length / batch;
  for (let image = 0; image < batch; image++) {
    const gap = partOf(outputs.gap!, batch, image);
    const features = featuresOf(outputs, batch, image);
    const fusion = fuse({ gap, features }, config);
    all.set(fusionWeights(fusion, patches), image * patches);
  }
  return all;
}

/** x divided by its length. */
function unit(x: Float64Array): Float64Array {
  const length = Math.max(Math.hypot(...x), 1e-12);
  return x.map((value) => value / length);
}

/** The weighted mean of patch features over all taps, with the length 1. */
function fusedFeature(
  features: readonly Float32Array[],
  weights: Float32Array,
): Float64Array {
  const width = features[0]!.length / weights.length;
  const sum = new Float64Array(width);
  weights.forEach((weight, patch) => {
    if (weight === 0) return;
    for (const feature of features) {
      for (let d = 0; d < width; d++) {
        sum[d]! += weight / features.length * feature[patch * width + d]!;
      }
    }
  });
  return unit(sum);
}

/**
 * The scores of images, of class token and patches.
 *
 * @param outputs What {@linkcode fusionOutputs} and {@linkcode scoreOutputs}
 * recorded.
 */
export function fusedScores(
  outputs: HostArrays,
  batch: number,
  config: AdaClipConfig,
): HostScores {
  const { alpha } = config;
  const weights = weightsOf(outputs, batch, config);
  const logits = Float64Array.from({ length: batch }, (_, image) => {
    const token = partOf(outputs.class!, batch, image);
    const direction = partOf(outputs.direction!, batch, image);
    const fused = fusedFeature(
      featuresOf(outputs, batch, image),
      partOf(weights, batch, image),
    );
    const both = fused.map((x, d) => alpha * x + (1 - alpha) * token[d]!);
    return unit(both).reduce((sum, x, d) => sum + x * direction[d]!, 0);
  });
  return {
    score: Float32Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit))),
    score_logit: Float32Array.from(logits),
  };
}
