/**
 * Hybrid semantic fusion (HSF): which patches the score reads, and how much of
 * each. This is computed outside of the program: k-means takes a number of
 * rounds that is not known before.
 *
 * @module
 */
import type { AdaClipConfig } from "./config.ts";
import { mersenneNumbers } from "./draws.ts";
import { drawCount, kmeans, type KmeansStart } from "./kmeans.ts";

/** What fusion reads of one image. */
export interface FusionInput {
  /** How abnormal each patch is, the mean over the taps. */
  readonly gap: Float32Array; // [P]
  /** Unit patch features of each tap. */
  readonly features: readonly Float32Array[]; // T x [P, Dt]
}

/** What fusion finds in one image. */
export interface Fusion {
  /** The patches that are read, in the order in which k-means reads them. */
  readonly top: readonly number[]; // [R]
  /** The cluster of each. */
  readonly labels: Int32Array; // [R]
}

/** The most abnormal patches; of equal ones the first. */
function ranked(
  gap: Float32Array,
  { clusters, perCluster, order }: AdaClipConfig,
): number[] {
  const byGap = [...gap.keys()].sort((a, b) => gap[b]! - gap[a]!);
  const top = byGap.slice(0, clusters * perCluster);
  return order === "raster" ? top.sort((a, b) => a - b) : top;
}

/** The features of patches, the taps side by side: [R, T Dt]. */
function sideBySide(
  features: readonly Float32Array[],
  patches: number,
  top: readonly number[],
): Float64Array {
  const width = features[0]!.length / patches;
  const rows = new Float64Array(top.length * features.length * width);
  top.forEach((patch, row) =>
    features.forEach((feature, tap) => {
      const one = feature.subarray(patch * width, (patch + 1) * width);
      rows.set(one, (row * features.length + tap) * width);
    })
  );
  return rows;
}

/** The patches that are read, and their clusters. */
export function fuse(
  { gap, features }: FusionInput,
  config: AdaClipConfig,
): Fusion {
  const { clusters, start, seed } = config;
  const top = ranked(gap, config);
  if (start === "one") return { top, labels: new Int32Array(top.length) };
  const data = sideBySide(features, gap.length, top);
  const rows = { count: top.length, width: data.length / top.length, data };
  const most = top.reduce((a, b) => gap[b]! > gap[a]! ? b : a);
  const beginning: KmeansStart = {
    draws: start === "farthest"
      ? null
      : mersenneNumbers(seed, drawCount(clusters)),
    first: top.indexOf(most),
  };
  return { top, labels: kmeans(rows, clusters, beginning) };
}

/**
 * How much of each patch the fused feature has: a mean over the patches of each
 * cluster, then over the clusters that have any. Only sizes of clusters matter.
 *
 * @returns One weight for each of `patches` [P]; they add to 1.
 */
export function fusionWeights(
  { top, labels }: Fusion,
  patches: number,
): Float32Array {
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const weights = new Float32Array(patches);
  top.forEach((patch, i) => {
    weights[patch] = 1 / (sizes.get(labels[i]!)! * sizes.size);
  });
  return weights;
}
