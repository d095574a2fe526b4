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
import type { PatchSizes } from "../methods/architecture.ts";
import type {
  ChannelStatistics,
  Memory,
  Projection,
  TapStatistics,
} from "./memory.ts";

/** How many views there are. */
export const VIEWS = 4;

/** Patches per row and column of a neighbourhood. */
const NEIGHBOURHOOD = 3;

/** Declares the patch tokens of one image, [1, P, D] for each tap: [T, P, D]. */
export function tapInputs(
  g: GraphBuilder,
  { grid, width, taps }: PatchSizes,
): Value {
  const shape = [1, grid * grid, width];
  const inputs = Array.from(
    { length: taps },
    (_, i) => g.input(`tap_${i}`, shape, "wide"),
  );
  return g.concat(inputs, 0);
}

/** Mean over the part of each 3 x 3 neighbourhood that lies on the grid. */
export function neighbourhoodMeans(
  g: GraphBuilder,
  taps: Value,
  { grid }: PatchSizes,
): Value {
  return resampleTokens(g, taps, averageMatrix(grid, NEIGHBOURHOOD));
}

function standardise(
  g: GraphBuilder,
  x: Value,
  statistics: readonly ChannelStatistics[],
): Value {
  const taps = statistics.length;
  const width = x.shape.at(-1)!;
  const rows = (read: (tap: ChannelStatistics) => Float32Array) =>
    g.constant(
      statistics.flatMap((tap) => [...read(tap)]),
      [taps, 1, width],
      "wide",
    );
  const means = rows(({ mean }) => mean);
  const factors = rows(({ spread }) => spread.map((s) => 1 / s));
  return g.multiply(g.subtract(x, means), factors);
}

/**
 * All views of each patch.
 *
 * @param taps Patch tokens [T, P, D], or those of one tap and many images
 * [B, P, D].
 * @param options Sizes, and the statistics of each tap.
 * @returns Four times as many.
 */
export function patchViews(
  g: GraphBuilder,
  taps: Value,
  { sizes, statistics }: {
    readonly sizes: PatchSizes;
    readonly statistics: readonly TapStatistics[];
  },
): Value[] {
  const patch = statistics.map((tap) => tap.patch);
  const neighbourhood = statistics.map((tap) => tap.neighbourhood);
  const means = neighbourhoodMeans(g, taps, sizes);
  return [
    l2Normalize(g, taps),
    standardise(g, taps, patch),
    l2Normalize(g, means),
    l2Normalize(g, standardise(g, means, neighbourhood)),
  ];
}

/**
 * Features of each patch: its views, tap by tap, projected.
 *
 * @param views As {@linkcode patchViews} returns them.
 * @returns [P, F].
 */
export function patchFeatures(
  g: GraphBuilder,
  views: readonly Value[],
  { weight, bias }: Projection,
): Value {
  const all = g.concat(views, 2); // [T, P, 4 D]
  const [taps, patches, width] = all.shape as [number, number, number];
  const columns = taps * width;
  const rows = g.reshape(g.transpose(all, [1, 0, 2]), [patches, columns]);
  const count = bias.length;
  return linear(g, rows, {
    weight: g.constant(weight, [count, columns], "wide"),
    bias: g.constant(bias, [count], "wide"),
  });
}

/**
 * The same features for many images at a time.
 *
 * @param taps Patch tokens of each tap, each [B, P, D].
 * @param memory Sizes, statistics and projection.
 * @returns [B, P, F].
 */
export function batchFeatures(
  g: GraphBuilder,
  taps: readonly Value[],
  { sizes, statistics, projection }: Pick<
    Memory,
    "sizes" | "statistics" | "projection"
  >,
): Value {
  const views = taps.flatMap((tap, i) =>
    patchViews(g, tap, { sizes, statistics: [statistics[i]!] })
  );
  const all = g.concat(views, 2); // [B, P, 4 T D]
  const count = projection.bias.length;
  return linear(g, all, {
    weight: g.constant(projection.weight, [count, all.shape[2]!], "wide"),
    bias: g.constant(projection.bias, [count], "wide"),
  });
}
