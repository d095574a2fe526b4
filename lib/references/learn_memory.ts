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
  concatenated,
  type CountedPatches,
  countedRows,
} from "./counted_patches.ts";
import { jointLogits } from "./joint_map.ts";
import { keepPatches } from "./kept_patches.ts";
import { leaveNearOut, leaveOneOut } from "./leave_one_out.ts";
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

/** What the network computed of one square of a good image. */
export interface GoodTile {
  /** `tap_0`, `tap_1` ... [P, D]. */
  readonly taps: Arrays;
  /** Zero-shot logit at the centre of each patch. */
  readonly logits: Float32Array; // [P]
  /**
   * Which patches count.
   *
   * @default {all}
   */
  readonly counted?: CountedPatches;
}

/** What the network computed of a good image. */
export interface GoodImage extends LearnedImage {
  /** Its tiles, or the only square. */
  readonly tiles: readonly GoodTile[];
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

function assertCount(images: readonly GoodImage[]): void {
  if (images.length >= 1 && images.length <= MOST_IMAGES) return;
  throw new RangeError(
    `Cannot learn good images as there must be 1 to ${MOST_IMAGES}: ` +
      `current value is ${images.length}`,
  );
}

/** Runs a graph on each tile and returns its outputs, image by image. */
async function runEach<Result>(
  images: readonly GoodImage[],
  graph: Graph,
  { open, read }: Pick<LearnOptions, "open"> & {
    readonly read: (outputs: Arrays, tile: GoodTile) => Result;
  },
): Promise<Result[][]> {
  await using runner = await open(graph);
  const results: Result[][] = [];
  for (const { tiles } of images) {
    const found: Result[] = [];
    for (const tile of tiles) {
      found.push(read(await runner.run(tile.taps), tile));
    }
    results.push(found);
  }
  return results;
}

/** The parts of numbers [P, T, D], each [P, D]. */
function perTap(
  numbers: Float32Array,
  { taps, width }: PatchSizes,
): Float32Array[] {
  return Array.from(
    { length: taps },
    (_, tap) => numbers.filter((_, i) => Math.floor(i / width) % taps === tap),
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
  const read = (outputs: Arrays, { taps, counted = null }: GoodTile) => {
    const neighbourhoods = perTap(outputs.means!, sizes);
    for (const [i, { patch, neighbourhood }] of moments.entries()) {
      patch.add(countedRows(taps[`tap_${i}`]!, counted));
      neighbourhood.add(countedRows(neighbourhoods[i]!, counted));
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
  const read = (outputs: Arrays, { counted = null }: GoodTile) => {
    for (const [v, taps] of moments.entries()) {
      const parts = perTap(outputs[`view_${v}`]!, sizes);
      taps.forEach((tap, i) => tap.add(countedRows(parts[i]!, counted)));
    }
  };
  await runEach(images, g.build(Object.fromEntries(named)), { open, read });
  return projectViews(moments, features);
}

async function project(
  images: readonly GoodImage[],
  { statistics, projection }: Pick<Memory, "statistics" | "projection">,
  { sizes, open }: LearnOptions,
): Promise<Float32Array[][]> {
  const g = new GraphBuilder();
  const features = patchFeatures(g, tapInputs(g, sizes), {
    sizes,
    statistics,
    projection,
  });
  const read = (outputs: Arrays) => outputs.features!;
  return await runEach(images, g.build({ features }), { open, read });
}

/** A memory, and how its own images look to it. */
export interface LearnedMemory {
  /** The memory. */
  readonly memory: Memory;
  /**
   * Logits of the patches that count of each good image compared with the other
   * ones; of a single image, with what lies elsewhere in it.
   */
  readonly leftOut: readonly Float32Array[]; // each [P], of all its tiles
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
  const countedOf = (k: number, t: number) =>
    images[k]!.tiles[t]!.counted ?? null;
  const rows = all.map((tiles, k) =>
    concatenated(tiles.map((tile, t) => countedRows(tile, countedOf(k, t))))
  );
  const kept = await keepPatches(rows, width);
  const distances = all.length > 1
    ? await leaveOneOut(all, kept, { width, open })
    : [
      await Promise.all(
        all[0]!.map((features, t) =>
          leaveNearOut({ features, counted: countedOf(0, t) }, {
            width,
            grid,
            open,
          })
        ),
      ),
    ];
  const measured = images.map(({ tiles }, k) =>
    tiles.map(({ logits, counted = null }, t) => ({
      distances: distances[k]![t]!,
      logits,
      counted,
    }))
  );
  const calibration = calibrate(measured, grid);
  const memory = {
    sizes,
    statistics,
    projection,
    features: kept.rows,
    calibration,
    images: images.map(({ key, sha256, patches }) => ({
      key,
      sha256,
      ...patches !== undefined && { patches },
    })),
  };
  const leftOut = measured.map((tiles) =>
    concatenated(
      tiles.map(({ distances, logits, counted }) =>
        countedRows(jointLogits(distances, logits, calibration), counted)
      ),
    )
  );
  return { memory, leftOut };
}
