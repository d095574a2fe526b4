/**
 * Bootstrap intervals of the difference between the pixel metrics of two models
 * on the same images: groups of images are drawn anew, the same for both.
 *
 * @module
 */
import { Random } from "../random.ts";
import { LEAST_IMAGES, percentileInterval } from "./bootstrap.ts";
import type { MetricDifference } from "./paired_bootstrap.ts";
import {
  drawStrata,
  PIXEL_METRICS,
  PixelDraws,
  type PixelMetric,
  type PixelStrata,
  type PixelValues,
} from "./pixel_draws.ts";
import type { PixelGroups } from "./pixel_groups.ts";

/** Differences of those metrics that both models have. */
export type PixelDifferences = Readonly<
  Partial<Record<PixelMetric, MetricDifference>>
>;

/** The groups of each label; null where they are not those of the other. */
function strataOf(
  groups: PixelGroups,
  other: PixelGroups,
): PixelStrata | null {
  const both = ([0, 1] as const).map((label) =>
    [groups.ofLabel(label), other.ofLabel(label)] as const
  );
  const areSame = both.every(([own, others]) =>
    own.size === others.size && own.keys().every((group) => others.has(group))
  );
  if (!areSame || both[1]![0].size < LEAST_IMAGES) return null;
  return [[...both[0]![0].values()], [...both[1]![0].values()]];
}

/**
 * Compares the pixels of two models on the same images.
 *
 * @param groups Pixels of the first and of the second model.
 * @param exact The exact values of each.
 * @returns null where the images are not the same, or too few are defective.
 */
export function pixelDifferences(
  [first, second]: readonly [PixelGroups, PixelGroups],
  exact: readonly [PixelValues, PixelValues],
): PixelDifferences | null {
  const strata = [strataOf(first, second), strataOf(second, first)] as const;
  if (strata[0] === null || strata[1] === null) return null;
  const draws = [new PixelDraws(strata[0]), new PixelDraws(strata[1])] as const;
  const whole = draws.map((draw) => draw.metrics());
  const random = new Random("bootstrap/pixel pairs");
  const replicates = Array.from(
    drawStrata(strata[0], random),
    (times) => draws.map((draw) => draw.metrics(times)),
  );
  return Object.fromEntries(PIXEL_METRICS.flatMap((name) => {
    const values = exact.map((value) => value[name]);
    const centre = differenceOf(whole, name);
    const difference = differenceOf(exact, name);
    if (centre === null || difference === null) return [];
    const moved = replicates.map((pair) => differenceOf(pair, name))
      .filter((drawn) => drawn !== null)
      .map((drawn) => difference + drawn - centre);
    if (moved.length < replicates.length / 2) return [];
    const interval = percentileInterval(Float64Array.from(moved));
    return [[name, { values, difference, interval }]];
  }));
}

function differenceOf(
  [first, second]: readonly PixelValues[],
  name: PixelMetric,
): number | null {
  const [a, b] = [first?.[name] ?? null, second?.[name] ?? null];
  return a === null || b === null ? null : b - a;
}
