/**
 * The weights of a resizing, as Pillow computes them.
 *
 * @module
 */

/** A one-dimensional filter. */
export interface Filter {
  /** Half the filter's width in samples, at scale 1. */
  readonly support: number;
  /** The filter's value at a distance of `x` samples. */
  readonly weight: (x: number) => number;
}

/** Keys' bicubic filter with a = -0.5. */
export const BICUBIC: Filter = { support: 2, weight: bicubicWeight };

/** The triangle filter. */
export const BILINEAR: Filter = { support: 1, weight: bilinearWeight };

/** For each target sample, the first source sample and the weights. */
export interface Taps {
  /** Weights of a target. */
  readonly count: number;
  /** First source sample of each target, ascending. */
  readonly starts: Int32Array; // [target]
  /** Fixed-point weights of 22 fractional bits. */
  readonly weights: Int32Array; // [target, count]
}

const PRECISION_BITS = 32 - 8 - 2;

function bicubicWeight(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
}

function bilinearWeight(x: number): number {
  return Math.max(1 - Math.abs(x), 0);
}

function toFixedPoint(weight: number): number {
  const scaled = weight * (1 << PRECISION_BITS);
  return Math.trunc(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

/**
 * Every target sample gets the same number of taps, so that the inner loops
 * have a fixed length: ranges cut off at an edge are shifted inwards and
 * padded with zero weights.
 */
export function computeTaps(
  source: number,
  target: number,
  filter: Filter,
): Taps {
  const scale = source / target;
  const inverse = 1 / Math.max(scale, 1);
  const support = filter.support * Math.max(scale, 1);
  const rows: { first: number; exact: number[] }[] = [];
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const last = Math.min(Math.trunc(centre + support + 0.5), source);
    const exact: number[] = [];
    for (let j = first; j < last; j++) {
      exact.push(filter.weight((j - centre + 0.5) * inverse));
    }
    rows.push({ first, exact });
  }
  const count = rows.reduce((n, row) => Math.max(n, row.exact.length), 0);
  const starts = new Int32Array(target);
  const weights = new Int32Array(target * count);
  rows.forEach(({ first, exact }, i) => {
    const start = Math.min(first, source - count);
    const sum = exact.reduce((total, weight) => total + weight, 0);
    starts[i] = start;
    exact.forEach((weight, j) => {
      weights[i * count + first - start + j] = toFixedPoint(weight / sum);
    });
  });
  return { count, starts, weights };
}

/** Pairs of taps of a target. */
export function pairsOf({ count }: Taps): number {
  return Math.ceil(count / 2);
}

/**
 * Writes taps as resample_kernels.wat reads them.
 *
 * @param taps The taps.
 * @param unit Bytes from one source sample to the next.
 */
export function encodeTaps(taps: Taps, unit: number): Uint8Array {
  const { count, starts, weights } = taps;
  const pairs = pairsOf(taps);
  const words = new Int32Array(starts.length * (1 + 2 * pairs));
  const halves = new Int16Array(words.buffer);
  let at = 0;
  for (const [i, start] of starts.entries()) {
    words[at++] = start * unit;
    for (let t = 0; t < count; t += 2, at += 2) {
      const first = weights[i * count + t]!;
      const second = t + 1 < count ? weights[i * count + t + 1]! : 0;
      halves[2 * at] = first >> 11;
      halves[2 * at + 1] = second >> 11;
      halves[2 * at + 2] = first & 2047;
      halves[2 * at + 3] = second & 2047;
    }
  }
  return new Uint8Array(words.buffer);
}
