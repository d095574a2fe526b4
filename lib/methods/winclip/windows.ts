/**
 * Windows over the grid of patches.
 *
 * @module
 */
import type { GraphBuilder } from "../../graph/builder.ts";
import type { Value } from "../../graph/graph.ts";
import { coverMatrix, resampleImage } from "../../graph/resample.ts";

/** Windows of `side` x `side` patches in steps of one patch, row by row. */
export interface Windows {
  /** Patches along one side of the image. */
  readonly grid: number;
  /** Patches along one side of a window. */
  readonly side: number;
}

/** Windows along one side of the image. */
export function windowsPerRow({ grid, side }: Windows): number {
  return grid - side + 1;
}

/** Token indices of each window [W, 1 + s * s]: the class token first. */
export function windowTokens({ grid, side }: Windows): number[][] {
  const line = Array.from(
    { length: windowsPerRow({ grid, side }) },
    (_, i) => i,
  );
  const reach = Array.from({ length: side }, (_, i) => i);
  return line.flatMap((top) =>
    line.map((left) => [
      0,
      ...reach.flatMap((y) =>
        reach.map((x) => 1 + (top + y) * grid + left + x)
      ),
    ])
  );
}

/**
 * The tokens of every window.
 *
 * @param tokens Tokens of the image with their positions [B, 1 + P, D].
 * @returns [B W, 1 + s * s, D].
 */
export function cutWindows(
  g: GraphBuilder,
  tokens: Value,
  windows: Windows,
): Value {
  const [batch, count, width] = tokens.shape as [number, number, number];
  const indices = windowTokens(windows);
  const size = indices[0]!.length;
  const rows = g.transpose(tokens, [1, 0, 2]); // [1 + P, B, D]
  const table = g.reshape(rows, [count, batch * width]);
  const shape = [indices.length * size];
  const chosen = g.gather(table, g.constant(indices.flat(), shape, "int"));
  const apart = g.reshape(chosen, [indices.length, size, batch, width]);
  return g.reshape(g.transpose(apart, [2, 0, 1, 3]), [
    batch * indices.length,
    size,
    width,
  ]);
}

/**
 * For each patch the mean over the windows that hold it.
 *
 * @param values One for each window [B, W].
 * @returns One for each patch [B, P].
 */
export function spreadWindows(
  g: GraphBuilder,
  values: Value,
  windows: Windows,
): Value {
  const { grid, side } = windows;
  const [batch] = values.shape as [number];
  const perRow = windowsPerRow(windows);
  const square = g.reshape(values, [batch, perRow, perRow]);
  const spread = resampleImage(g, square, coverMatrix(grid, side));
  return g.reshape(spread, [batch, grid * grid]);
}
