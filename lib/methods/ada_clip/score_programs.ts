/**
 * The image score of class token and patches as programs: what `fusion.ts` and
 * `score.ts` compute on the host.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { l2Normalize } from "../../graph/nn.ts";
import type {
  FinishBeginning,
  FinishPrograms,
  NamedValues,
} from "../finish_programs.ts";
import { probability } from "../logits.ts";
import type { AdaClipConfig } from "./config.ts";
import { mersenneNumbers } from "./draws.ts";
import { drawCount, ROUNDS } from "./kmeans.ts";
import {
  atMost,
  count,
  earlier,
  firstCentres,
  hotAt,
  kmeansRound,
  type KmeansRows,
  kmeansRows,
  kmeansState,
  membersOf,
  number,
  rankOf,
} from "./kmeans_program.ts";

/** The most abnormal patches, as 1 among 0 [B, R, P]. */
function ranked(
  g: GraphBuilder,
  gap: Value,
  { clusters, perCluster, order }: AdaClipConfig,
): Value {
  const patches = gap.shape[2]!;
  const size = Math.min(clusters * perCluster, patches);
  const rank = rankOf(g, gap); // [B, P, 1]
  const rows = count(g, size, { axis: 0, type: "wide" });
  const across = (x: Value) => g.transpose(x, [0, 2, 1]);
  if (order === "rank") return number(g, g.equal(across(rank), rows));
  const isTop = number(g, atMost(g, rank, size - 1));
  const place = g.matMul(earlier(g, patches), isTop); // [B, P, 1]
  const isHere = number(g, g.equal(across(place), rows));
  return g.multiply(isHere, across(isTop));
}

/** The row that k-means starts from, as 1 among 0 [B, 1, R]. */
function firstRow(
  g: GraphBuilder,
  gap: Value,
  draws: Float64Array | null,
): Value {
  const hot = hotAt(g, gap, 2);
  if (draws === null) return hot;
  const size = gap.shape[2]!;
  const place = Math.min(Math.floor(draws[0]! * size), size - 1);
  const row = number(
    g,
    g.equal(count(g, size, { axis: 1, type: "wide" }), place),
  );
  return g.add(g.multiply(hot, 0), row);
}

/** The features of all taps, `feature_0`, `feature_1` ... [B, P, Dt]. */
function featuresIn(outputs: NamedValues): Value[] {
  const features: Value[] = [];
  for (let i = 0; `feature_${i}` in outputs; i++) {
    features.push(outputs[`feature_${i}`]!);
  }
  return features;
}

function begin(
  g: GraphBuilder,
  outputs: NamedValues,
  config: AdaClipConfig,
): FinishBeginning {
  const { gap, class: token, direction } = outputs;
  const [batch, patches] = gap!.shape as [number, number];
  const gaps = g.reshape(gap!, [batch, 1, patches]);
  const top = ranked(g, gaps, config);
  const picked = featuresIn(outputs).map((x) => g.matMul(top, x));
  const sum = picked.reduce((a, b) => g.add(a, b));
  const rows = kmeansRows(g, g.concat(picked, 2));
  const { start, seed } = config;
  const clusters = start === "one" ? 1 : config.clusters;
  const draws = start === "kmeans++"
    ? mersenneNumbers(seed, drawCount(clusters))
    : null;
  const ofTop = g.matMul(gaps, top, { transposeB: true }); // [B, 1, R]
  const first = firstRow(g, ofTop, draws);
  const centres = firstCentres(g, rows, { clusters, draws, first });
  const vector = [batch, 1, token!.shape[1]!];
  return {
    state: kmeansState(g, centres),
    kept: {
      ...rows,
      mean: g.multiply(sum, 1 / picked.length), // [B, R, Dt]
      token: g.reshape(token!, vector),
      direction: g.reshape(direction!, vector),
    },
  };
}

function rowsIn(kept: NamedValues): KmeansRows {
  const { gram, squares, noise, limit } = kept;
  return { gram: gram!, squares: squares!, noise: noise!, limit: limit! };
}

/** How much of each row is read [B, 1, R]: as much of each cluster. */
function weightsOf(g: GraphBuilder, members: Value): Value {
  const sizes = g.reduceSum(members, [2]); // [B, K, 1]
  const isEmpty = g.equal(sizes, 0);
  const shares = g.select(isEmpty, 0, g.divide(1, g.maximum(sizes, 1)));
  const filled = g.reduceSum(g.subtract(1, number(g, isEmpty)), [1]);
  return g.divide(g.matMul(shares, members, { transposeA: true }), filled);
}

function end(
  g: GraphBuilder,
  { state, kept }: FinishBeginning,
  { alpha }: AdaClipConfig,
): { score: Value; score_logit: Value } {
  const members = membersOf(g, state.centres!, rowsIn(kept));
  const weights = weightsOf(g, members);
  const fused = l2Normalize(g, g.matMul(weights, kept.mean!)); // [B, 1, Dt]
  const token = g.multiply(kept.token!, 1 - alpha);
  const both = l2Normalize(g, g.add(g.multiply(fused, alpha), token));
  const logit = g.reduceSum(g.multiply(both, kept.direction!), [2]);
  const score_logit = g.reshape(logit, [logit.shape[0]!]);
  return { score: probability(g, score_logit), score_logit };
}

/** The programs of these choices. */
export function scorePrograms(config: AdaClipConfig): FinishPrograms {
  return {
    rounds: ROUNDS,
    begin: (g, outputs) => begin(g, outputs, config),
    round: (g, { state, kept }) => kmeansRound(g, state, rowsIn(kept)),
    end: (g, values) => end(g, values, config),
  };
}
