/**
 * Resizing as Pillow does it, bit for bit.
 *
 * Pillow's filters are antialiased when they shrink, run along rows first and
 * columns second, and keep 8 bits per sample in between: weights are 22-bit
 * fixed-point integers. The arithmetic follows `Resample.c` of Pillow.
 *
 * @module
 */
import type { RgbImage } from "./image.ts";

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

/** Interleaved 8-bit samples of any number of channels. */
export interface Raster {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Samples per pixel. */
  readonly channels: number;
  /** The samples. */
  readonly data: Uint8Array; // [height, width, channels]
}

/** For each target sample, the first source sample and the weights. */
interface Taps {
  readonly count: number;
  readonly starts: Int32Array; // [target]
  readonly weights: Int32Array; // [target, count]
}

const PRECISION_BITS = 32 - 8 - 2;
const HALF = 1 << (PRECISION_BITS - 1);

/** Side of the tiles of a transposition, in pixels. */
const TILE = 64;

/**
 * Samples of the source that are filtered along rows at a time. What lies
 * between the two filters is then bounded, however long the image.
 */
const BAND = 1 << 22;

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
function computeTaps(source: number, target: number, filter: Filter): Taps {
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

/** Swaps rows and columns, in tiles that stay in the processor's cache. */
function transpose(raster: Raster): Raster {
  const { width, height, channels, data } = raster;
  const out = new Uint8Array(data.length); // [width, height, channels]
  for (let top = 0; top < height; top += TILE) {
    const bottom = Math.min(top + TILE, height);
    for (let left = 0; left < width; left += TILE) {
      const right = Math.min(left + TILE, width);
      for (let y = top; y < bottom; y++) {
        let from = (y * width + left) * channels;
        let to = (left * height + y) * channels;
        for (let x = left; x < right; x++, to += height * channels) {
          for (let c = 0; c < channels; c++) out[to + c] = data[from++]!;
        }
      }
    }
  }
  return { width: height, height: width, channels, data: out };
}

/** Adds four weighted rows at once, which saves passes over the sums. */
function addFourRows(
  sums: Int32Array,
  rows: Uint8Array, // [4, sums.length]
  weights: Int32Array, // [4]
): void {
  const n = sums.length;
  const [a = 0, b = 0, c = 0, d = 0] = weights;
  const row0 = rows.subarray(0, n);
  const row1 = rows.subarray(n, 2 * n);
  const row2 = rows.subarray(2 * n, 3 * n);
  const row3 = rows.subarray(3 * n, 4 * n);
  for (let i = 0; i < n; i++) {
    sums[i] = sums[i]! + Math.imul(row0[i]!, a) + Math.imul(row1[i]!, b) +
      Math.imul(row2[i]!, c) + Math.imul(row3[i]!, d);
  }
}

function addRow(sums: Int32Array, row: Uint8Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) {
    sums[i] = sums[i]! + Math.imul(row[i]!, weight);
  }
}

/** Adds the rows of a band to the sums of every target row they reach. */
function addBand(
  sums: Int32Array, // [target, stride]
  band: { data: Uint8Array; top: number; rows: number; stride: number },
  { count, starts, weights }: Taps,
): void {
  const { data, top, rows, stride } = band;
  starts.forEach((start, y) => {
    const from = Math.max(start, top);
    const to = Math.min(start + count, top + rows);
    if (from >= to) return;
    const sum = sums.subarray(y * stride, (y + 1) * stride);
    const taps = weights.subarray(y * count + from - start);
    let t = 0;
    for (; t + 4 <= to - from; t += 4) {
      const four = data.subarray((from - top + t) * stride);
      addFourRows(sum, four, taps.subarray(t, t + 4));
    }
    for (; t < to - from; t++) {
      addRow(sum, data.subarray((from - top + t) * stride), taps[t]!);
    }
  });
}

/**
 * Filters along columns: `[height, width, C]` to `[target, width, C]`. Whole
 * rows are weighted and added, which is faster than going down each column.
 *
 * @param raster The samples.
 * @param target The new height.
 * @param filter The filter.
 * @param prepare Changes the width of a band of rows before they are added.
 * @param preparedWidth The width it then has.
 */
function resampleColumns(
  raster: Raster,
  target: number,
  filter: Filter,
  prepare: (band: Raster) => Raster = (band) => band,
  preparedWidth = raster.width,
): Raster {
  const { width, height, channels, data } = raster;
  const taps = computeTaps(height, target, filter);
  const widest = Math.max(width, preparedWidth);
  const rows = Math.max(1, Math.floor(BAND / (widest * channels)));
  let sums = new Int32Array();
  let prepared = raster;
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    const part = data.subarray(
      top * width * channels,
      (top + count) * width * channels,
    );
    prepared = prepare({ width, height: count, channels, data: part });
    const stride = prepared.width * channels;
    if (top === 0) sums = new Int32Array(target * stride).fill(HALF);
    addBand(sums, { data: prepared.data, top, rows: count, stride }, taps);
  }
  const out = new Uint8ClampedArray(sums.length);
  for (let i = 0; i < sums.length; i++) out[i] = sums[i]! >> PRECISION_BITS;
  const samples = new Uint8Array(out.buffer);
  return { width: prepared.width, height: target, channels, data: samples };
}

/** Filters along rows: `[height, width, C]` to `[height, target, C]`. */
function resampleRows(raster: Raster, target: number, filter: Filter): Raster {
  if (raster.width === target) return raster;
  const turned = transpose(raster); // [width, height, C]
  return transpose(resampleColumns(turned, target, filter));
}

function assertSize(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(
      `Cannot resize an image as its new ${name} must be a positive integer: current value is ${value}`,
    );
  }
}

/**
 * Resizes interleaved samples.
 *
 * @param raster The samples, `[height, width, channels]`.
 * @param size The new size, and the filter to use.
 * @returns New samples, or the given ones where the size is the same.
 * @throws {RangeError} If the new size is not positive.
 */
export function resample(
  raster: Raster,
  size: { width: number; height: number; filter: Filter },
): Raster {
  assertSize("width", size.width);
  assertSize("height", size.height);
  const { filter } = size;
  const alongRows = (band: Raster) => resampleRows(band, size.width, filter);
  if (size.height === raster.height) return alongRows(raster);
  return resampleColumns(
    raster,
    size.height,
    filter,
    alongRows,
    size.width,
  );
}

/**
 * Resizes an image as Pillow's `resize((width, height), BICUBIC)` does, to the
 * same bytes. The aspect ratio is not kept.
 *
 * @param image The image.
 * @param width The new width in pixels.
 * @param height The new height in pixels.
 * @returns The resized image; it shares the data of an image of that size.
 * @throws {RangeError} If the new size is not positive.
 */
export function resizeBicubic(
  image: RgbImage,
  width: number,
  height: number,
): RgbImage {
  const raster = { ...image, channels: 3 };
  const { data } = resample(raster, { width, height, filter: BICUBIC });
  return { width, height, data };
}
