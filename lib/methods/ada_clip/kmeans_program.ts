/**
 * The k-means of `kmeans.ts` as a program. Centres are weighted sums of rows, so
 * that all distances follow from the products of the rows with each other.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Operand } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import type { FinishRound, NamedValues } from "../finish_programs.ts";
import { TIE, TOLERANCE, trialsOf } from "./kmeans.ts";

/** Below this part of the largest square, a distance is 0 but for rounding. */
const NOISE = 1e-13;

/** What rounds read and leave as it is. */
export interface KmeansRows {
  /** Products of the centred rows with each other [B, R, R]. */
  readonly gram: Value;
  /** Their squares [B, 1, R]. */
  readonly squares: Value;
  /** Distances up to this one are 0 [B, 1, 1]. */
  readonly noise: Value;
  /** Centres that move less have arrived [B, 1, 1]. */
  readonly limit: Value;
}

/** How the first centres are found. */
export interface ProgramStart {
  /** How many clusters there are, K. */
  readonly clusters: number;
  /** Numbers in [0, 1) for k-means++; null takes the farthest row. */
  readonly draws: Float64Array | null;
  /** The first centre where nothing is drawn, as 1 among 0 [B, 1, R]. */
  readonly first: Value;
}

/** A truth as 1 or 0. */
export function number(g: GraphBuilder, truth: Value): Value {
  return g.cast(truth, "wide");
}

/** Where a <= b. */
export function atMost(g: GraphBuilder, a: Value, b: Operand): Value {
  return g.equal(g.minimum(a, b), a);
}

/** 0, 1, 2 ... along one of two axes. */
export function count(
  g: GraphBuilder,
  size: number,
  { axis, type }: { axis: 0 | 1; type: "wide" | "int" },
): Value {
  const shape = axis === 0 ? [size, 1] : [1, size];
  return g.constant(Array.from({ length: size }, (_, i) => i), shape, type);
}

/** Where the column stands before the row, [n, n]. */
export function earlier(g: GraphBuilder, size: number): Value {
  const column = count(g, size, { axis: 1, type: "wide" });
  const row = count(g, size, { axis: 0, type: "wide" });
  return number(g, atMost(g, g.add(column, 1), row));
}

/** How many are greater, or equal and before: x [B, 1, n] -> [B, n, 1]. */
export function rankOf(g: GraphBuilder, x: Value): Value {
  const column = g.transpose(x, [0, 2, 1]);
  const greater = g.subtract(1, number(g, atMost(g, x, column)));
  const ties = number(g, g.equal(x, column));
  const before = g.multiply(ties, earlier(g, x.shape[2]!));
  return g.reduceSum(g.add(greater, before), [2]);
}

/** 1 at the first maximum along an axis, else 0. */
export function hotAt(g: GraphBuilder, x: Value, axis: 1 | 2): Value {
  const place = g.argMax(x, axis);
  const type = "int";
  const all = count(g, x.shape[axis]!, { axis: axis === 1 ? 0 : 1, type });
  return number(g, g.equal(place, all));
}

/** Rows [B, R, D] around their mean, as products. */
export function kmeansRows(g: GraphBuilder, given: Value): KmeansRows {
  const [, size, width] = given.shape as [number, number, number];
  const rows = g.subtract(given, g.reduceMean(given, [1]));
  const gram = g.matMul(rows, rows, { transposeB: true });
  const squares = g.reduceSum(g.multiply(rows, rows), [2]); // [B, R, 1]
  const variance = g.multiply(g.reduceSum(squares, [1]), 1 / (size * width));
  return {
    gram,
    squares: g.transpose(squares, [0, 2, 1]),
    noise: g.multiply(g.reduceMax(squares, [1]), NOISE),
    limit: g.multiply(variance, TOLERANCE),
  };
}

/** Squared distances of rows to centres [B, K, R]. */
function distances(
  g: GraphBuilder,
  centres: Value,
  { gram, squares, noise }: KmeansRows,
): Value {
  const products = g.matMul(centres, gram); // [B, K, R]
  const own = g.reduceSum(g.multiply(products, centres), [2]);
  const rest = g.subtract(own, g.multiply(products, 2));
  const all = g.add(rest, squares);
  return g.select(atMost(g, all, noise), 0, all);
}

/** Rows drawn with a chance in proportion to their distance [B, m, R]. */
function drawn(g: GraphBuilder, near: Value, draws: Float64Array): Value {
  const size = near.shape[2]!;
  const upTo = g.subtract(1, earlier(g, size)); // [R, R]: row <= column
  const reached = g.matMul(near, upTo); // [B, 1, R]
  const sum = g.reduceSum(near, [2]);
  const shape = [draws.length, 1];
  const wanted = g.multiply(g.constant(draws, shape, "wide"), sum); // [B, m, 1]
  const last = count(g, size, { axis: 1, type: "wide" });
  const isThere = number(g, atMost(g, wanted, reached)); // [B, m, R]
  return hotAt(g, g.maximum(isThere, number(g, g.equal(last, size - 1))), 2);
}

/** The rows that the clusters start from, as 1 among 0 [B, K, R]. */
export function firstCentres(
  g: GraphBuilder,
  rows: KmeansRows,
  { clusters, draws, first }: ProgramStart,
): Value {
  const trials = trialsOf(clusters);
  const chosen = [first];
  let near = distances(g, first, rows);
  for (let c = 1; c < clusters; c++) {
    const from = 1 + (c - 1) * trials;
    const candidates = draws === null
      ? hotAt(g, near, 2)
      : drawn(g, near, draws.subarray(from, from + trials)); // [B, m, R]
    const nearer = g.minimum(near, distances(g, candidates, rows));
    const left = g.reduceSum(nearer, [2]); // [B, m, 1]
    const least = g.reduceMin(left, [1]);
    // onnxruntime takes a product with 1 + TIE for one with 1, and drops it.
    const limit = g.add(least, g.multiply(least, TIE));
    const best = hotAt(g, number(g, atMost(g, left, limit)), 1); // [B, m, 1]
    const of = (x: Value) => g.reduceSum(g.multiply(best, x), [1]);
    chosen.push(of(candidates));
    near = of(nearer);
  }
  return g.concat(chosen, 1);
}

/** 1 at the cluster of each row, else 0 [B, K, R]. */
export function membersOf(
  g: GraphBuilder,
  centres: Value,
  rows: KmeansRows,
): Value {
  return hotAt(g, g.negate(distances(g, centres, rows)), 1);
}

/** Gives each empty cluster the row that is farthest from its own centre. */
function fillEmpty(g: GraphBuilder, members: Value, near: Value): Value {
  const empty = number(g, g.equal(g.reduceSum(members, [2]), 0)); // [B, K, 1]
  const turn = g.matMul(earlier(g, members.shape[1]!), empty);
  const place = g.transpose(rankOf(g, near), [0, 2, 1]); // [B, 1, R]
  const isAny = g.subtract(1, number(g, g.equal(g.reduceMax(near, [2]), 0)));
  const takes = g.multiply(
    g.multiply(empty, isAny),
    number(g, g.equal(place, turn)),
  ); // [B, K, R]
  const stays = g.subtract(1, g.reduceSum(takes, [1]));
  return g.add(g.multiply(members, stays), takes);
}

/** The mean of each cluster; that of an empty one stays. */
function moved(g: GraphBuilder, centres: Value, members: Value): Value {
  const sizes = g.reduceSum(members, [2]);
  const means = g.divide(members, g.maximum(sizes, 1));
  return g.select(g.equal(sizes, 0), centres, means);
}

/** The state before the first round. */
export function kmeansState(g: GraphBuilder, centres: Value): NamedValues {
  const none = g.multiply(centres, 0);
  const over = g.reduceMax(none, [1, 2]); // [B, 1, 1]
  return { centres, before: none, over };
}

/** One round of all images; those that have arrived stay as they are. */
export function kmeansRound(
  g: GraphBuilder,
  state: NamedValues,
  rows: KmeansRows,
): FinishRound {
  const { centres, before, over } = state as Record<string, Value> & {
    centres: Value;
    before: Value;
    over: Value;
  };
  const all = distances(g, centres, rows);
  const members = hotAt(g, g.negate(all), 1);
  const filled = fillEmpty(g, members, g.reduceMin(all, [1]));
  const next = moved(g, centres, filled);
  const step = g.subtract(next, centres);
  const squares = g.multiply(g.matMul(step, rows.gram), step);
  const shift = g.reduceSum(squares, [1, 2]); // [B, 1, 1]
  const same = g.reduceMin(number(g, g.equal(members, before)), [1, 2]);
  const stays = g.maximum(over, same);
  const isOver = g.maximum(stays, number(g, atMost(g, shift, rows.limit)));
  const isAll = g.reshape(g.reduceMin(isOver, [0, 1, 2]), []);
  return {
    state: {
      centres: g.select(g.equal(stays, 1), centres, next),
      before: members,
      over: isOver,
    },
    goesOn: g.equal(isAll, 0),
  };
}
