/**
 * The views by which patches are compared: their direction and their deviation
 * from what is usual, each of the patch alone and of its neighbourhood. The
 * first finds small defects, the second is steady on textures.
 *
 * @module
 */
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
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

/** Declares the patch tokens of one image, [1, P, D] for each tap: [1, P, T, D]. */
export function tapInputs(
  g: GraphBuilder,
  { grid, width, taps }: PatchSizes,
): Value {
  const shape = [1, grid * grid, width];
  const inputs = Array.from(
    { length: taps },
    (_, i) => g.input(`tap_${i}`, shape, "wide"),
  );
  return joinTaps(g, inputs);
}

/** Puts the patch tokens of taps side by side: of [B, P, D] each, [B, P, T, D]. */
export function joinTaps(g: GraphBuilder, taps: readonly Value[]): Value {
  const [batch, patches, width] = taps[0]!.shape as [number, number, number];
  return g.reshape(g.concat(taps, 2), [batch, patches, taps.length, width]);
}

/** Channels of all taps in one row: of [B, P, T, D], [B, P, T D]. */
function joinChannels(g: GraphBuilder, x: Value): Value {
  const [batch, patches, taps, width] = x.shape as number[];
  return g.reshape(x, [batch!, patches!, taps! * width!]);
}

/**
 * Mean over the part of each 3 x 3 neighbourhood that lies on the grid.
 *
 * @param taps Patch tokens [B, P, T, D].
 * @returns The same shape.
 */
export function neighbourhoodMeans(
  g: GraphBuilder,
  taps: Value,
  { grid }: PatchSizes,
): Value {
  const matrix = averageMatrix(grid, NEIGHBOURHOOD);
  const means = resampleTokens(g, joinChannels(g, taps), matrix);
  return g.reshape(means, taps.shape);
}

function standardise(
  g: GraphBuilder,
  x: Value,
  statistics: readonly ChannelStatistics[],
): Value {
  const shape = x.shape.slice(-2);
  const rows = (read: (tap: ChannelStatistics) => Float32Array) =>
    g.constant(statistics.flatMap((tap) => [...read(tap)]), shape, "wide");
  const means = rows(({ mean }) => mean);
  const factors = rows(({ spread }) => spread.map((s) => 1 / s));
  return g.multiply(g.subtract(x, means), factors);
}

/** How views are made. */
interface ViewOptions {
  readonly sizes: PatchSizes;
  /** Of each tap. */
  readonly statistics: readonly TapStatistics[];
}

/** Keeps a patch of zeros from being divided by 0. */
const LEAST_LENGTH = 1e-12;

/**
 * The direction of each patch, tap by tap. Adding to the length in place of
 * limiting it takes half the time of the operator, and gives the same numbers
 * for lengths above 1e-4.
 */
function direction(g: GraphBuilder, x: Value): Value {
  const squares = g.reduceSum(g.multiply(x, x), [3]);
  return g.divide(x, g.add(g.sqrt(squares), LEAST_LENGTH));
}

/** The views that are directions: of patches and, in two ways, of their means. */
function directions(
  g: GraphBuilder,
  taps: Value,
  { sizes, statistics }: ViewOptions,
): [patch: Value, neighbourhood: Value, deviation: Value] {
  const means = neighbourhoodMeans(g, taps, sizes);
  const neighbourhood = statistics.map((tap) => tap.neighbourhood);
  return [
    direction(g, taps),
    direction(g, means),
    direction(g, standardise(g, means, neighbourhood)),
  ];
}

/**
 * All views of each patch.
 *
 * @param taps Patch tokens [B, P, T, D].
 * @param options Sizes, and the statistics of each tap.
 * @returns Four of the same shape.
 */
export function patchViews(
  g: GraphBuilder,
  taps: Value,
  options: ViewOptions,
): Value[] {
  const patch = options.statistics.map((tap) => tap.patch);
  const [first, ...others] = directions(g, taps, options);
  return [first, standardise(g, taps, patch), ...others];
}

/** The part of a projection that reads one view, [T D, F] row-major. */
function viewWeight(
  { weight, bias }: Projection,
  { taps, width }: PatchSizes,
  view: number,
): Float64Array {
  const count = bias.length;
  const columns = VIEWS * taps * width;
  return Float64Array.from({ length: taps * width * count }, (_, at) => {
    const [row, feature] = [Math.floor(at / count), at % count];
    const tap = Math.floor(row / width);
    const column = (tap * VIEWS + view) * width + row % width;
    return weight[feature * columns + column]!;
  });
}

/**
 * The projection of standardised patches, for the patches as they are: both are
 * linear, so one product does for both.
 */
function foldStandardise(
  weight: Float64Array, // [T D, F]
  statistics: readonly TapStatistics[],
): { readonly weight: Float64Array; readonly shift: Float64Array } {
  const mean = statistics.flatMap(({ patch }) => [...patch.mean]);
  const spread = statistics.flatMap(({ patch }) => [...patch.spread]);
  const count = weight.length / mean.length;
  const shift = new Float64Array(count);
  const scaled = weight.map((w, at) => {
    const row = Math.floor(at / count);
    shift[at % count]! -= w / spread[row]! * mean[row]!;
    return w / spread[row]!;
  });
  return { weight: scaled, shift };
}

/**
 * Features of each patch: all its views, projected. Each view is multiplied by
 * its own part of the projection, which takes less time than to put all views
 * side by side.
 *
 * @param taps Patch tokens [B, P, T, D].
 * @param memory Sizes, statistics and projection.
 * @returns [P, F] of a single image, else [B, P, F].
 */
export function patchFeatures(
  g: GraphBuilder,
  taps: Value,
  memory: Pick<Memory, "sizes" | "statistics" | "projection">,
): Value {
  const { sizes, statistics, projection } = memory;
  const weights = Array.from(
    { length: VIEWS },
    (_, view) => viewWeight(projection, sizes, view),
  );
  const [first, ...others] = directions(g, taps, { sizes, statistics });
  const folded = foldStandardise(weights[1]!, statistics);
  const bias = folded.shift.map((shift, i) => shift + projection.bias[i]!);
  const { length: count } = bias;
  const columns = sizes.taps * sizes.width;
  const project = (view: Value, weight: Float64Array) => {
    const all = joinChannels(g, view);
    const rows = all.shape[0] === 1 ? g.reshape(all, all.shape.slice(1)) : all;
    return g.matMul(rows, g.constant(weight, [columns, count], "wide"));
  };
  const views = [taps, first, ...others];
  const parts = [folded.weight, weights[0]!, ...weights.slice(2)];
  return views.map((view, i) => project(view, parts[i]!)).reduce(
    (sum, part) => g.add(part, sum),
    g.constant(bias, [count], "wide"),
  );
}
