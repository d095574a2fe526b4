/**
 * Matrices as 8-bit integers.
 *
 * @module
 */

import { LARGEST, roundRow, type Samples } from "./round_row.ts";

/** A matrix of float32, row by row. */
export interface Matrix {
  /** Numbers [rows, columns]. */
  readonly data: Float32Array;
  /** Number of rows: output channels. */
  readonly rows: number;
  /** Number of columns: input channels. */
  readonly columns: number;
}

/**
 * What one step of the integers of each row is worth.
 *
 * @param factors What each column is divided by first; absent for none.
 */
export function rowSteps(
  matrix: Matrix,
  factors?: Float32Array,
): Float32Array<ArrayBuffer> {
  const steps = new Float32Array(matrix.rows);
  for (let i = 0; i < matrix.rows; i++) {
    steps[i] = largestOf(rowOf(matrix, i, factors)) / LARGEST;
  }
  return steps;
}

/** What {@linkcode quantiseMatrix} may take into account. */
export interface QuantiseOptions {
  /** What each column is divided by first; absent for none. */
  readonly factors?: Float32Array | undefined;
  /**
   * What the layer reads, multiplied by the factors; absent to round each
   * number on its own.
   */
  readonly samples?: Samples | undefined;
}

/**
 * Quantises each row of a matrix on its own.
 *
 * @param steps What {@linkcode rowSteps} gave.
 * @returns The integers column by column: the layout that products read.
 */
export function quantiseMatrix(
  matrix: Matrix,
  steps: Float32Array,
  { factors, samples }: QuantiseOptions = {},
): Int8Array<ArrayBuffer> {
  const { rows, columns } = matrix;
  const integers = new Int8Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const step = steps[i]!;
    if (step === 0) continue;
    const row = rowOf(matrix, i, factors);
    const rounded = samples === undefined
      ? row.map((value) => Math.round(value / step))
      : roundRow(row, step, samples);
    for (let j = 0; j < columns; j++) integers[j * rows + i] = rounded[j]!;
  }
  return integers;
}

function rowOf(
  { data, columns }: Matrix,
  i: number,
  factors?: Float32Array,
): Float32Array {
  const row = data.slice(i * columns, (i + 1) * columns);
  if (factors === undefined) return row;
  for (let j = 0; j < columns; j++) row[j]! /= factors[j]!;
  return row;
}

function largestOf(row: Float32Array): number {
  let largest = 0;
  for (let j = 0; j < row.length; j++) {
    const size = Math.abs(row[j]!);
    if (size > largest) largest = size;
  }
  return largest;
}

/** How large the channels become that layers read. */
export interface ChannelSizes {
  /** Largest absolute value of each channel. */
  readonly largest: Float32Array;
  /** Mean square of each channel. */
  readonly meanSquares: Float32Array;
}

/** To which part the error must fall for a product more to pay. */
const GAIN = 0.9;

/** Rows that are looked at are this far apart. */
const STRIDE = 8;

/**
 * Finds factors for channels that are much larger than others, which would
 * leave few steps for those. What layers read is multiplied by the factors, and
 * their matrices are divided by them (SmoothQuant, arXiv 2211.10438). Factors
 * are quarter powers of two, so small differences between machines do not show.
 *
 * @param sizes How large each channel becomes of what layers read.
 * @param matrices The matrices of the layers.
 * @returns A factor for each channel; undefined where they would not pay.
 */
export function smoothingFactors(
  sizes: ChannelSizes,
  matrices: readonly Matrix[],
): Float32Array<ArrayBuffer> | undefined {
  const weights = columnSizes(matrices);
  const same = new Float32Array(weights.length).fill(1);
  const factors = Float32Array.from(
    sizes.largest,
    (size, j) => factorOf(size, weights[j]!),
  );
  const before = expectedError(sizes, matrices, same);
  const after = expectedError(sizes, matrices, factors);
  return after < GAIN * before ? factors : undefined;
}

/** Both sizes become their geometric mean. */
function factorOf(size: number, weight: number): number {
  if (size === 0 || weight === 0) return 1;
  return 2 ** (Math.round(2 * Math.log2(weight / size)) / 4);
}

/** Largest absolute value of each column, in any of the matrices. */
function columnSizes(matrices: readonly Matrix[]): Float32Array {
  const sizes = new Float32Array(matrices[0]!.columns);
  for (const { data, rows, columns } of matrices) {
    for (let i = 0; i < rows; i += STRIDE) {
      for (let j = 0; j < columns; j++) {
        const size = Math.abs(data[i * columns + j]!);
        if (size > sizes[j]!) sizes[j] = size;
      }
    }
  }
  return sizes;
}

/**
 * Mean squared error of products, but for a constant: rounding adds a twelfth
 * of a squared step to each number that layers read, and to each of a matrix.
 */
function expectedError(
  { largest, meanSquares }: ChannelSizes,
  matrices: readonly Matrix[],
  factors: Float32Array,
): number {
  // Of most inputs the smallest number is about minus the largest.
  const step = 2 * largestOf(largest.map((size, j) => size * factors[j]!)) /
    255;
  let energy = 0;
  meanSquares.forEach((square, j) => energy += square * factors[j]! ** 2);
  let error = 0;
  for (const { data, rows, columns } of matrices) {
    for (let i = 0; i < rows; i += STRIDE) {
      let squares = 0;
      let widest = 0;
      for (let j = 0; j < columns; j++) {
        const weight = data[i * columns + j]! / factors[j]!;
        squares += weight * weight;
        widest = Math.max(widest, Math.abs(weight));
      }
      error += step * step * squares + (widest / LARGEST) ** 2 * energy;
    }
  }
  return error;
}
