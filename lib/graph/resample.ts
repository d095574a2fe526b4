/**
 * Linear maps of a grid that do the same to rows and columns: interpolation,
 * pooling, smoothing. Each is a small matrix M, applied as M X M^T.
 *
 * @module
 */
import type { GraphBuilder } from "./builder.ts";
import type { Value } from "./graph.ts";

/** A matrix whose rows weigh the cells of a line. */
export interface LineMatrix {
  /** Cells out. */
  readonly rows: number;
  /** Cells in. */
  readonly columns: number;
  /** Row-major weights. */
  readonly data: Float64Array; // [rows, columns]
}

/** Fills a matrix from the `[column, weight]` pairs of each row. Weights of the
 * same cell are added. */
function lineMatrix(
  rows: number,
  columns: number,
  weigh: (row: number) => Iterable<readonly [number, number]>,
): LineMatrix {
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (const [column, weight] of weigh(row)) {
      data[row * columns + column]! += weight;
    }
  }
  return { rows, columns, data };
}

function clamp(index: number, size: number): number {
  return Math.min(Math.max(index, 0), size - 1);
}

/** Options of {@linkcode bilinearMatrix}. */
export interface BilinearOptions {
  /**
   * Whether the centres of the first and the last cells lie on those of the
   * line, as with PyTorch's `align_corners=True`. Otherwise their edges do.
   *
   * @default {false}
   */
  readonly alignCorners?: boolean;
}

/** Linear interpolation as PyTorch's. */
export function bilinearMatrix(
  rows: number,
  columns: number,
  { alignCorners = false }: BilinearOptions = {},
): LineMatrix {
  return lineMatrix(rows, columns, (row) => {
    const centre = alignCorners
      ? row * (columns - 1) / Math.max(rows - 1, 1)
      : Math.max((row + 0.5) * columns / rows - 0.5, 0);
    const left = Math.floor(centre);
    const t = centre - left;
    return [[left, 1 - t], [clamp(left + 1, columns), t]];
  });
}

/**
 * Cubic convolution as PyTorch's with `align_corners=False` and no
 * antialiasing: coefficient -0.75, edge cells repeated.
 */
export function bicubicMatrix(rows: number, columns: number): LineMatrix {
  return lineMatrix(rows, columns, (row) => {
    const centre = (row + 0.5) * columns / rows - 0.5;
    const left = Math.floor(centre);
    return [-1, 0, 1, 2].map((offset) => [
      clamp(left + offset, columns),
      cubic(centre - left - offset, -0.75),
    ]);
  });
}

/**
 * Cubic convolution as PyTorch's and Pillow's with antialiasing: coefficient
 * -0.5, the kernel widened where cells are lost, and weights beyond the edges
 * left out.
 */
export function smoothBicubicMatrix(rows: number, columns: number): LineMatrix {
  const step = columns / rows;
  const width = Math.max(step, 1);
  return lineMatrix(rows, columns, (row) => {
    const centre = (row + 0.5) * step;
    const first = Math.max(Math.floor(centre - 2 * width + 0.5), 0);
    const end = Math.min(Math.floor(centre + 2 * width + 0.5), columns);
    const weights = Array.from(
      { length: end - first },
      (_, i) => cubic((first + i - centre + 0.5) / width, -0.5),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight, i) => [first + i, weight / sum]);
  });
}

function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** Mean over the part of a window of `width` cells that lies on the line. */
export function averageMatrix(size: number, width: number): LineMatrix {
  const reach = (width - 1) / 2;
  return lineMatrix(size, size, (row) => {
    const first = Math.max(row - reach, 0);
    const count = Math.min(row + reach, size - 1) - first + 1;
    return Array.from({ length: count }, (_, i) => [first + i, 1 / count]);
  });
}

/**
 * Mean over the windows of `width` cells, one after another, that hold a cell
 * of the line: from one value for each window to one for each cell.
 */
export function coverMatrix(size: number, width: number): LineMatrix {
  const windows = size - width + 1;
  return lineMatrix(size, windows, (row) => {
    const first = Math.max(row - width + 1, 0);
    const count = Math.min(row, windows - 1) - first + 1;
    return Array.from({ length: count }, (_, i) => [first + i, 1 / count]);
  });
}

/** How a line goes on beyond its ends, for {@linkcode gaussianMatrix}. */
export type Border = "mirror" | "nearest";

/**
 * Gaussian smoothing as SciPy's `gaussian_filter`: cut at four standard
 * deviations, the line mirrored at its ends, or its last cells repeated.
 */
export function gaussianMatrix(
  size: number,
  sigma: number,
  border: Border = "mirror",
): LineMatrix {
  const reach = Math.floor(4 * sigma + 0.5);
  const weights = Array.from(
    { length: 2 * reach + 1 },
    (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  const inside = border === "mirror" ? mirror : clamp;
  return lineMatrix(
    size,
    size,
    (row) => weights.map((w, i) => [inside(row + i - reach, size), w / sum]),
  );
}

/** Index of a line continued as `d c b a | a b c d | d c b a`. */
function mirror(index: number, size: number): number {
  const period = 2 * size;
  const i = ((index % period) + period) % period;
  return i < size ? i : period - 1 - i;
}

/** M X M^T for images x [..., h, w]. */
export function resampleImage(
  g: GraphBuilder,
  x: Value,
  line: LineMatrix,
): Value {
  const m = g.constant(line.data, [line.rows, line.columns], x.type);
  return g.matMul(g.matMul(m, x), m, { transposeB: true });
}

/** M X M^T for tokens x [N, h * h, D] that lie on a square grid. */
export function resampleTokens(
  g: GraphBuilder,
  x: Value,
  line: LineMatrix,
): Value {
  const [n, , width] = x.shape as [number, number, number];
  const { rows, columns } = line;
  const m = g.constant(line.data, [rows, columns], x.type);
  const grid = g.reshape(x, [n, columns, columns * width]);
  const vertical = g.matMul(m, grid); // [N, rows, columns * D]
  const lines = g.reshape(vertical, [n, rows, columns, width]);
  const both = g.matMul(m, lines); // [N, rows, rows, D]
  return g.reshape(both, [n, rows * rows, width]);
}
