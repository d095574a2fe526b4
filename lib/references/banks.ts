/**
 * Good images as a method publishes it: banks of their features, which images
 * are compared with as they are.
 *
 * @module
 */
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph, Value } from "../graph/graph.ts";
import { BATCH, elementCount } from "../graph/shape.ts";
import type { GoodImageRules } from "../methods/good_image_rules.ts";
import { concatenated, countedRows } from "./counted_patches.ts";
import type { Arrays, GoodImage, GoodTile } from "./learn_memory.ts";
import { type LearnedImage, MOST_IMAGES } from "./memory.ts";

/** Features of good images. */
export interface Banks {
  /** Shape of what one square adds at most to each bank, by its name: [N, D]. */
  readonly shapes: ReadonlyMap<string, readonly [rows: number, width: number]>;
  /** Numbers of each, [K N, D]. */
  readonly data: Arrays;
  /** The good images. */
  readonly images: readonly LearnedImage[];
}

/** A graph holds its banks, and no graph has more than two gigabytes. */
const MOST_BYTES = 2 ** 30;

/**
 * Which features of a square count. They are of windows of patches, at each place
 * of the grid: one counts if any of its patches does, as it is compared where it
 * touches a region of interest.
 *
 * @param patches Which patches count [grid, grid].
 * @param rows How many windows there are.
 */
function countedWindows(patches: Uint8Array, rows: number): Uint8Array {
  const grid = Math.sqrt(patches.length);
  const perRow = Math.sqrt(rows);
  const side = grid - perRow + 1;
  return Uint8Array.from({ length: rows }, (_, at) => {
    const [top, left] = [Math.floor(at / perRow), at % perRow];
    for (let y = top; y < top + side; y++) {
      const start = y * grid + left;
      if (patches.subarray(start, start + side).includes(1)) return 1;
    }
    return 0;
  });
}

/** The features of a square that count, of one bank. */
function countedFeatures(
  { taps, counted = null }: GoodTile,
  name: string,
  rows: number,
): Float32Array {
  const all = taps[name]!;
  return counted === null
    ? all
    : countedRows(all, countedWindows(counted, rows));
}

/** Bytes that one square adds to all banks. */
function bankBytes({ banks }: GoodImageRules): number {
  let count = 0;
  for (const shape of banks.values()) count += elementCount(shape);
  return count * Float32Array.BYTES_PER_ELEMENT;
}

/** How many features banks hold. */
export function bankRows({ shapes, data }: Banks): number {
  return [...shapes].reduce(
    (sum, [name, [, width]]) => sum + data[name]!.length / width,
    0,
  );
}

function assertCount(images: readonly GoodImage[], bytes: number): void {
  const squares = images.reduce((sum, { tiles }) => sum + tiles.length, 0);
  const most = Math.min(MOST_IMAGES, Math.floor(MOST_BYTES / bytes));
  if (squares > 0 && squares <= most) return;
  throw new RangeError(
    `Cannot learn good images as there must be 1 to ${most} of them, or of ` +
      `their tiles: current number is ${squares}`,
  );
}

/**
 * Puts the features of good images one after another.
 *
 * @param images What the network computed of each.
 * @throws {RangeError} If there are no images, too many, or nothing of them
 * counts.
 */
export function learnBanks(
  images: readonly GoodImage[],
  rules: GoodImageRules,
): Banks {
  assertCount(images, bankBytes(rules));
  const tiles = images.flatMap(({ tiles }) => tiles);
  if (!tiles.some(({ counted }) => counted?.includes(1) ?? true)) {
    throw new RangeError(
      "Cannot learn good images as the region of interest must hold a part of one",
    );
  }
  const shapes = new Map(
    [...rules.banks].map(([name, [rows, width]]) =>
      [name, [rows!, width!] as const] as const
    ),
  );
  const joined = [...shapes].map(([name, [rows]]) => {
    const parts = tiles.map((tile) => countedFeatures(tile, name, rows));
    return [name, concatenated(parts)] as const;
  });
  return {
    shapes,
    data: Object.fromEntries(joined),
    images: images.map(({ key, sha256, patches }) => ({
      key,
      sha256,
      ...patches !== undefined && { patches },
    })),
  };
}

/**
 * The graph that compares one image with banks. Its inputs are outputs of the
 * network, its outputs `map`, `logit_map`, `score` and `score_logit`.
 */
export function bankGraph(
  banks: Banks,
  rules: GoodImageRules,
  { smooth }: { readonly smooth: number },
): Graph {
  const found = Object.entries(rules.features(new GraphBuilder()));
  const g = new GraphBuilder();
  const features = found.map(([name, { shape }]) => {
    const one = shape.map((size) => size === BATCH ? 1 : size);
    return [name, g.input(name, one, "wide")] as const;
  });
  const values = rules.join(g, Object.fromEntries(features), {
    banks: bankConstants(g, banks),
    smooth,
  });
  return g.build({ ...values });
}

/** Banks as constants of a graph, by the names of their features. */
export function bankConstants(
  g: GraphBuilder,
  { shapes, data }: Pick<Banks, "shapes" | "data">,
): Record<string, Value> {
  const constants = [...shapes].map(([name, [, width]]) => {
    const rows = data[name]!;
    const shape = [rows.length / width, width];
    return [name, g.constant(rows, shape, "wide")] as const;
  });
  return Object.fromEntries(constants);
}
