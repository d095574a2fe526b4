/**
 * Bootstrap intervals of the difference between two models on the same images.
 *
 * Both models see the same draws, so that what makes all images of a draw hard
 * or easy cancels out. Two intervals beside each other would be wider.
 *
 * @module
 */
import { Random } from "../random.ts";
import {
  type Interval,
  LEAST_IMAGES,
  percentileInterval,
  REPLICATES,
} from "./bootstrap.ts";
import {
  auroc,
  averagePrecision,
  f1Max,
  rank,
  type Ranking,
} from "./ranking.ts";

/** The scores that two models gave to one image. */
export interface ScorePair {
  /** 1 defective, 0 good. */
  readonly label: 0 | 1;
  /** Scores of the first and of the second model. */
  readonly scores: readonly [first: number, second: number];
}

/** A metric of both models. */
export interface MetricDifference {
  /** The metric of each model. */
  readonly values: readonly [first: number, second: number];
  /** The second less the first. */
  readonly difference: number;
  /** Where the difference lies for 95 % of the draws. */
  readonly interval: Interval;
}

/** Metrics of images that are compared. */
export interface ImageDifferences {
  /** Of {@linkcode auroc}. */
  readonly auroc: MetricDifference;
  /** Of {@linkcode averagePrecision}. */
  readonly averagePrecision: MetricDifference;
  /** Of {@linkcode f1Max}. */
  readonly f1Max: MetricDifference;
}

const METRICS = { auroc, averagePrecision, f1Max } as const;
type Name = keyof typeof METRICS;
const NAMES = Object.keys(METRICS) as Name[];

/** The ranking of one model on drawn images. */
function rankingOf(pairs: readonly ScorePair[], model: 0 | 1): Ranking {
  const scoresOf = (label: 0 | 1) =>
    Float64Array.from(
      pairs.filter((pair) => pair.label === label),
      ({ scores }) => scores[model],
    ).sort();
  return rank(scoresOf(1), scoresOf(0));
}

/** As many images of each label as there are, with replacement. */
function draw(
  groups: readonly (readonly ScorePair[])[],
  random: Random,
): ScorePair[] {
  return groups.flatMap((group) =>
    group.map(() => group[random.integer(0, group.length - 1)]!)
  );
}

/**
 * Compares two models on the same images.
 *
 * @param pairs The scores, without NaN, in an order that both runs share, such
 * as that of their keys.
 * @returns null with fewer than two images of a label.
 */
export function imageDifferences(
  pairs: readonly ScorePair[],
): ImageDifferences | null {
  const groups = [0, 1].map((label) =>
    pairs.filter((pair) => pair.label === label)
  );
  if (groups.some(({ length }) => length < LEAST_IMAGES)) return null;
  const random = new Random("bootstrap/pairs");
  const found = new Map(
    NAMES.map((name) => [name, new Float64Array(REPLICATES)]),
  );
  for (let r = 0; r < REPLICATES; r++) {
    const drawn = draw(groups, random);
    const [first, second] = [rankingOf(drawn, 0), rankingOf(drawn, 1)];
    for (const name of NAMES) {
      found.get(name)![r] = METRICS[name](second) - METRICS[name](first);
    }
  }
  const [first, second] = [rankingOf(pairs, 0), rankingOf(pairs, 1)];
  const entries = NAMES.map((name) => {
    const values = [METRICS[name](first), METRICS[name](second)] as const;
    const difference = values[1] - values[0];
    const interval = percentileInterval(found.get(name)!);
    return [name, { values, difference, interval }] as const;
  });
  return Object.fromEntries(entries) as Record<Name, MetricDifference>;
}
