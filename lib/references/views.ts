/**
 * The views by which patches are compared: their direction and their deviation
 * from what is usual, each of the patch alone and of its neighbourhood. The
 * first finds small defects, the second is steady on textures.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { l2Normalize, linear } from "../graph/nn.ts";
import { averageMatrix, resampleTokens } from "../graph/resample.ts";
import type { PatchSizes } from "../methods/method.ts";
import type { ChannelStatistics, Projection, TapStatistics } from "./memory.ts";

/** How many views there are. */
export const VIEWS = 4;

/** Patches per row and column of a neighbourhood. */
const NEIGHBOURHOOD = 3;

/** Declares the patch tokens of one image, one [1, P, D] for each tap. */
export function tapInputs(
  g: GraphBuilder,
  { grid, width, taps }: PatchSizes,
): Value[] {
  return Array.from(
    { length: taps },
    (_, i) => g.input(`tap_${i}`, [1, grid * grid, width], "wide"),
  );
}

/** Mean over the part of each 3 x 3 neighbourhood that lies on the grid. */
export function neighbourhoodMeans(
  g: GraphBuilder,
  tap: Value,
  { grid }: PatchSizes,
): Value {
  return resampleTokens(g, tap, averageMatrix(grid, NEIGHBOURHOOD));
}

function standardise(
  g: GraphBuilder,
  x: Value,
  { mean, spread }: ChannelStatistics,
): Value {
  const row = (data: Float32Array) => g.constant(data, [data.length], "wide");
  return g.divide(g.subtract(x, row(mean)), row(spread));
}

/**
 * All views of each patch, the taps of a view side by side.
 *
 * @param taps Patch tokens of each tap [1, P, D].
 * @param options Sizes, and the statistics of each tap.
 * @returns Four times [1, P, T D].
 */
export function patchViews(
  g: GraphBuilder,
  taps: readonly Value[],
  { sizes, statistics }: {
    readonly sizes: PatchSizes;
    readonly statistics: readonly TapStatistics[];
  },
): Value[] {
  const views = taps.map((tap, i) => {
    const { patch, neighbourhood } = statistics[i]!;
    const mean = neighbourhoodMeans(g, tap, sizes);
    return [
      l2Normalize(g, tap),
      standardise(g, tap, patch),
      l2Normalize(g, mean),
      l2Normalize(g, standardise(g, mean, neighbourhood)),
    ];
  });
  return Array.from(
    { length: VIEWS },
    (_, v) => g.concat(views.map((tap) => tap[v]!), 2),
  );
}

/**
 * Features of each patch: its views, projected.
 *
 * @param views As {@linkcode patchViews} returns them.
 * @returns [P, F].
 */
export function patchFeatures(
  g: GraphBuilder,
  views: readonly Value[],
  { weight, bias }: Projection,
): Value {
  const all = g.concat(views, 2); // [1, P, V]
  const [, patches, width] = all.shape as [number, number, number];
  const count = bias.length;
  return linear(g, g.reshape(all, [patches, width]), {
    weight: g.constant(weight, [count, width], "wide"),
    bias: g.constant(bias, [count], "wide"),
  });
}
