/**
 * An evaluation from its rows and the tallies of its categories.
 *
 * @module
 */
import { meanInterval } from "../metrics/bootstrap.ts";
import { type MetricIntervals, METRICS } from "../results/summary.ts";
import type { ScoreRow } from "../results/summary.ts";
import type { CategoryTally } from "./category_tally.ts";
import type { Evaluation } from "./evaluate.ts";

type NamedTally = readonly [category: string, tally: CategoryTally];

/** A mean has an interval where all its categories have one. */
function meanIntervals(
  tallies: readonly NamedTally[],
  categories: Evaluation["categories"],
): MetricIntervals {
  return Object.fromEntries(METRICS.flatMap((metric) => {
    const counted = tallies.filter(([name]) =>
      categories[name]?.[metric] !== null
    );
    const parts = new Map<string, Float64Array>();
    for (const [name, { replicates }] of counted) {
      const values = replicates[metric];
      if (values !== undefined) parts.set(name, values);
    }
    const interval = parts.size === counted.length ? meanInterval(parts) : null;
    return interval === null ? [] : [[metric, interval]];
  }));
}

/** What the counts of categories say; rows say more. */
export type TalliedEvaluation = Omit<Evaluation, "rows">;

/**
 * Measures what was counted.
 *
 * @param tallies The counts of each category, in the order of the data set.
 */
export function measureTallies(
  tallies: readonly NamedTally[],
): TalliedEvaluation {
  const categories = Object.fromEntries(
    tallies.map(([name, tally]) => [name, tally.summary()]),
  );
  return {
    categories,
    meanIntervals: meanIntervals(tallies, categories),
    curves: Object.fromEntries(
      tallies.map(([name, tally]) => [name, tally.curves()]),
    ),
    groups: new Map(
      tallies.flatMap(([name, { groups }]) =>
        groups === null ? [] : [[name, groups]]
      ),
    ),
  };
}

/**
 * Puts an evaluation together.
 *
 * @param rows One row per image, in any order; it is sorted.
 * @param tallies The counts of each category, in the order of the data set.
 */
export function evaluationOf(
  rows: ScoreRow[],
  tallies: readonly NamedTally[],
): Evaluation {
  return {
    rows: rows.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
    ...measureTallies(tallies),
  };
}
