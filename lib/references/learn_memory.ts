/**
 * From the patch tokens of good images to a memory.
 *
 * @module
 */
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type { PatchSizes } from "../methods/architecture.ts";
import { calibrate } from "./calibration.ts";
import {
  distancesWithin,
  FORBIDDEN,
  halfNorms,
  nearestDistances,
} from "./distances.ts";
import { jointLogits } from "./joint_map.ts";
import { keepPatches, type KeptPatches } from "./kept_patches.ts";
import {
  type LearnedImage,
  type Memory,
  MOST_IMAGES,
  type Projection,
  type TapStatistics,
} from "./memory.ts";
import { featureCount, projectViews } from "./projection.ts";
import { Moments } from "./statistics.ts";
import {
  neighbourhoodMeans,
  patchFeatures,
  patchViews,
  tapInputs,
} from "./views.ts";

/** Float32 arrays by name. */
export type Arrays = Readonly<Record<string, Float32Array>>;

/** Runs one graph many times. */
export interface GraphRunner extends AsyncDisposable {
  /** Runs it with these inputs; their shapes are those of the graph. */
  run(feeds: Arrays): Promise<Arrays>;
}

/** What the network computed of a good image. */
export interface GoodImage extends LearnedImage {
  /** `tap_0`, `tap_1` ... [P, D]. */
  readonly taps: Arrays;
  /** Zero-shot logit at the centre of each patch. */
  readonly logits: Float32Array; // [P]
}

/** Options of {@linkcode learnMemory}. */
export interface LearnOptions {
  /** Sizes of the patch tokens. */
  readonly sizes: PatchSizes;
  /** Loads a graph. */
  readonly open: (graph: Graph) => Promise<GraphRunner>;
  /**
   * Features per patch.
   *
   * @default {featureCount(sizes)}
   */
  readonly features?: number;
}

/** In an image alone, patches as near as this are not compared. */
const NEAR = 2;

function assertCount(images: readonly GoodImage[]): void {
  if (images.length >= 1 && images.length <= MOST_IMAGES) return;
  throw new RangeError(
    `Cannot learn good images as there must be 1 to ${MOST_IMAGES}: ` +
      `current value is ${images.length}`,
  );
}

/** Runs a graph on each image and returns its outputs, image by image. */
async function runEach<Result>(
  images: readonly GoodImage[],
  graph: Graph,
  { open, read }: Pick<LearnOptions, "open"> & {
    readonly read: (outputs: Arrays, image: GoodImage) => Result;
  },
): Promise<Result[]> {
  await using runner = await open(graph);
  const results: Result[] = [];
  for (const image of images) {
    results.push(read(await runner.run(image.taps), image));
  }
  return results;
}

/** The parts of numbers [T, P, D]. */
function perTap(
  numbers: Float32Array,
  { taps }: PatchSizes,
): Float32Array[] {
  const size = numbers.length / taps;
  return Array.from(
    { length: taps },
    (_, i) => numbers.subarray(i * size, (i + 1) * size),
  );
}

async function measureTaps(
  images: readonly GoodImage[],
  { sizes, open }: LearnOptions,
): Promise<TapStatistics[]> {
  const g = new GraphBuilder();
  const means = neighbourhoodMeans(g, tapInputs(g, sizes), sizes);
  const moments = Array.from({ length: sizes.taps }, () => ({
    patch: new Moments(sizes.width),
    neighbourhood: new Moments(sizes.width),
  }));
  const read = (outputs: Arrays, { taps }: GoodImage) => {
    const neighbourhoods = perTap(outputs.means!, sizes);
    for (const [i, { patch, neighbourhood }] of moments.entries()) {
      patch.add(taps[`tap_${i}`]!);
      neighbourhood.add(neighbourhoods[i]!);
    }
  };
  await runEach(images, g.build({ means }), { open, read });
  return moments.map(({ patch, neighbourhood }) => ({
    patch: patch.statistics(),
    neighbourhood: neighbourhood.statistics(),
  }));
}

async function measureViews(
  images: readonly GoodImage[],
  statistics: readonly TapStatistics[],
  options: LearnOptions,
): Promise<Projection> {
  const { sizes, open, features = featureCount(sizes) } = options;
  const g = new GraphBuilder();
  const views = patchViews(g, tapInputs(g, sizes), { sizes, statistics });
  const moments = views.map(() =>
    Array.from({ length: sizes.taps }, () => new Moments(sizes.width))
  );
  const named = views.map((view, v) => [`view_${v}`, view] as const);
  const read = (outputs: Arrays) => {
    for (const [v, taps] of moments.entries()) {
      const parts = perTap(outputs[`view_${v}`]!, sizes);
      taps.forEach((tap, i) => tap.add(parts[i]!));
    }
  };
  await runEach(images, g.build(Object.fromEntries(named)), { open, read });
  return projectViews(moments, features);
}

async function project(
  images: readonly GoodImage[],
  { statistics, projection }: Pick<Memory, "statistics" | "projection">,
  { sizes, open }: LearnOptions,
): Promise<Float32Array[]> {
  const g = new GraphBuilder();
  const views = patchViews(g, tapInputs(g, sizes), { sizes, statistics });
  const features = patchFeatures(g, views, projection);
  const read = (outputs: Arrays) => outputs.features!;
  return await runEach(images, g.build({ features }), { open, read });
}

/** Distances of each good image to the others. */
async function leaveOneOut(
  images: readonly Float32Array[], // each [P, F]
  { rows, owners }: KeptPatches,
  { width, open }: Pick<LearnOptions, "open"> & { width: number },
): Promise<Float32Array[]> {
  const g = new GraphBuilder();
  const count = owners.length;
  const patches = images[0]!.length / width;
  const features = g.input("features", [patches, width], "wide");
  const norms = g.input("norms", [count], "wide");
  const memory = g.constant(rows, [count, width], "wide");
  const distances = nearestDistances(g, features, { memory, norms });
  await using runner = await open(g.build({ distances }));
  const all = halfNorms(rows, width);
  const found: Float32Array[] = [];
  for (const [k, image] of images.entries()) {
    const others = all.map((norm, i) => owners[i] === k ? FORBIDDEN : norm);
    const outputs = await runner.run({ features: image, norms: others });
    found.push(outputs.distances!);
  }
  return found;
}

/** Distances of one image to itself, without what lies near each patch. */
async function leaveNearOut(
  image: Float32Array, // [P, F]
  { width, grid, open }: Pick<LearnOptions, "open"> & {
    readonly width: number;
    readonly grid: number;
  },
): Promise<Float32Array[]> {
  const norms = halfNorms(image, width);
  // Small grids have no patch so far from their centre.
  const near = Math.min(NEAR, Math.floor(grid / 2) - 1);
  const bias = Float64Array.from(
    { length: norms.length ** 2 },
    (_, at) => {
      const [a, b] = [Math.floor(at / norms.length), at % norms.length];
      const rows = Math.abs(Math.floor(a / grid) - Math.floor(b / grid));
      const columns = Math.abs(a % grid - b % grid);
      return Math.max(rows, columns) <= near ? FORBIDDEN : norms[b]!;
    },
  );
  const g = new GraphBuilder();
  const features = g.input("features", [norms.length, width], "wide");
  const barred = g.constant(bias, [norms.length, norms.length], "wide");
  const distances = distancesWithin(g, features, barred);
  await using runner = await open(g.build({ distances }));
  const outputs = await runner.run({ features: image });
  return [outputs.distances!];
}

/** A memory, and how its own images look to it. */
export interface LearnedMemory {
  /** The memory. */
  readonly memory: Memory;
  /**
   * Logit map of each good image compared with the other ones; of a single
   * image, with what lies elsewhere in it.
   */
  readonly leftOut: readonly Float32Array[]; // each [P]
}

/**
 * Learns the good images of one product.
 *
 * @param images What the network computed of each.
 * @param options Sizes, and how to run graphs.
 * @throws {RangeError} If there are no images, or too many.
 */
export async function learnMemory(
  images: readonly GoodImage[],
  options: LearnOptions,
): Promise<LearnedMemory> {
  assertCount(images);
  const { sizes, open } = options;
  const { grid } = sizes;
  const statistics = await measureTaps(images, options);
  const projection = await measureViews(images, statistics, options);
  const all = await project(images, { statistics, projection }, options);
  const width = projection.bias.length;
  const kept = keepPatches(all, width);
  const distances = all.length > 1
    ? await leaveOneOut(all, kept, { width, open })
    : await leaveNearOut(all[0]!, { width, grid, open });
  const logits = images.map((image) => image.logits);
  const calibration = calibrate(distances, logits, grid);
  const memory = {
    sizes,
    statistics,
    projection,
    features: kept.rows,
    calibration,
    images: images.map(({ key, sha256 }) => ({ key, sha256 })),
  };
  const leftOut = distances.map((of, i) =>
    jointLogits(of, logits[i]!, calibration)
  );
  return { memory, leftOut };
}
