/**
 * A random projection that nearly keeps distances, for speed.
 *
 * @module
 */
import { Random } from "../random.ts";
import type { PatchSizes } from "../methods/architecture.ts";
import type { Projection } from "./memory.ts";
import type { Moments } from "./statistics.ts";
import { VIEWS } from "./views.ts";

/** Features of narrow and of wide towers. */
const NARROW = 96;
const WIDE = 512;
/** Width from which a tower is wide. */
const WIDE_FROM = 512;

/** Keeps views that never vary from being divided by 0. */
const LEAST_VARIANCE = 1e-12;

/** How many features a patch has: as many as cost little time. */
export function featureCount({ width, taps }: PatchSizes): number {
  return Math.min(width < WIDE_FROM ? NARROW : WIDE, VIEWS * taps * width);
}

/** `count` of the numbers below `size`, each at most once, in random order. */
export function draw(random: Random, size: number, count: number): Uint32Array {
  const numbers = Uint32Array.from({ length: size }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = random.integer(i, size - 1);
    [numbers[i], numbers[j]] = [numbers[j]!, numbers[i]!];
  }
  return numbers.subarray(0, count);
}

/**
 * An orthogonal projection: numbers change their sign at random, then random
 * rows of the cosine transform are taken, scaled so that squared lengths are
 * kept on average. With as many rows as columns lengths are kept exactly.
 */
function cosineRows(rows: number, columns: number): Float64Array {
  const random = new Random("references/projection");
  const signs = Float64Array.from(
    { length: columns },
    () => random.chance(0.5) ? 1 : -1,
  );
  const data = new Float64Array(rows * columns);
  for (const [row, k] of draw(random, columns, rows).entries()) {
    const length = Math.sqrt((k === 0 ? 1 : 2) / rows);
    for (let j = 0; j < columns; j++) {
      const angle = Math.PI * (j + 0.5) * k / columns;
      data[row * columns + j] = length * signs[j]! * Math.cos(angle);
    }
  }
  return data;
}

/** What brings a view to a total variance of 1. */
function scaleOf(view: readonly Moments[]): number {
  const variances = view.flatMap((tap) => [...tap.variances()]);
  const total = variances.reduce((a, b) => a + b, 0);
  return 1 / Math.sqrt(Math.max(total, LEAST_VARIANCE));
}

/**
 * The projection of views that are first centred and scaled to the same total
 * variance, so that each has the same say.
 *
 * @param views Moments of each view over the good patches, by tap.
 * @param count Features, F.
 */
export function projectViews(
  views: readonly (readonly Moments[])[],
  count: number,
): Projection {
  const taps = views[0]!.map((_, tap) => views.map((view) => view[tap]!));
  const means = taps.flatMap((tap) => tap.flatMap((view) => [...view.means()]));
  const factors = views.map(scaleOf);
  const channels = views[0]![0]!.means().length;
  const scales = Float64Array.from(
    means,
    (_, i) => factors[Math.floor(i / channels) % views.length]!,
  );
  const width = means.length;
  const weight = cosineRows(count, width);
  const bias = new Float64Array(count);
  for (let i = 0; i < weight.length; i++) {
    const column = i % width;
    weight[i]! *= scales[column]!;
    bias[Math.floor(i / width)]! -= weight[i]! * means[column]!;
  }
  return { weight: Float32Array.from(weight), bias: Float32Array.from(bias) };
}
