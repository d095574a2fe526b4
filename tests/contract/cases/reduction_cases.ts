/**
 * Cases of the primitives that reduce axes.
 *
 * @module
 */
import type { KernelCase, KernelCases } from "../kernel_case.ts";
import { numbers } from "../numbers.ts";

type Reduction = "reduceSum" | "reduceMax" | "reduceMin";

/** [2, 2, 3], ties included. */
const X = numbers([2, 2, 3], [1, -2, 3, 3, 0, -6, 4, 4, -4, 0.5, 4, -4]);

function reduction(
  primitive: Reduction,
  axes: readonly number[],
  expected: readonly number[],
): KernelCase {
  const shape = X.shape.map((size, axis) => axes.includes(axis) ? 1 : size);
  return {
    name: `axes [${axes}]`,
    build: (g) => g[primitive](g.input("x", [-1, 2, 3], "float"), axes),
    feeds: { x: X },
    expected: numbers(shape, expected),
  };
}

function position(axis: number, expected: readonly number[]): KernelCase {
  const shape = X.shape.map((size, i) => i === axis ? 1 : size);
  return {
    name: `axis ${axis}, the first of a tie`,
    build: (g) => g.argMax(g.input("x", [-1, 2, 3], "float"), axis),
    feeds: { x: X },
    expected: numbers(shape, expected),
    type: "int",
  };
}

/** Cases of reductions. */
export const REDUCTION_CASES: Record<Reduction | "argMax", KernelCases> = {
  reduceSum: [
    reduction("reduceSum", [0], [5, 2, -1, 3.5, 4, -10]),
    reduction("reduceSum", [1], [4, -2, -3, 4.5, 8, -8]),
    reduction("reduceSum", [2], [2, -3, 4, 0.5]),
    reduction("reduceSum", [1, 2], [-1, 4.5]),
    reduction("reduceSum", [2, 0], [6, -2.5]),
    reduction("reduceSum", [0, 1, 2], [3.5]),
    {
      name: "free dimension -2 stays",
      build: (g) => g.reduceSum(g.input("x", [-2, 2], "float"), [1]),
      feeds: { x: numbers([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]) },
      expected: numbers([4, 1], [3, 7, 11, 15]),
    },
  ],
  reduceMax: [
    reduction("reduceMax", [0], [4, 4, 3, 3, 4, -4]),
    reduction("reduceMax", [1], [3, 0, 3, 4, 4, -4]),
    reduction("reduceMax", [2], [3, 3, 4, 4]),
    reduction("reduceMax", [1, 2], [3, 4]),
  ],
  reduceMin: [
    reduction("reduceMin", [0], [1, -2, -4, 0.5, 0, -6]),
    reduction("reduceMin", [1], [1, -2, -6, 0.5, 4, -4]),
    reduction("reduceMin", [2], [-2, -6, -4, -4]),
    reduction("reduceMin", [0, 2], [-4, -6]),
  ],
  argMax: [
    position(0, [1, 1, 0, 0, 1, 1]),
    position(1, [1, 1, 0, 0, 0, 0]),
    position(2, [2, 0, 0, 1]),
    {
      name: "int, the first of a tie",
      build: (g) => g.argMax(g.input("x", [2, 4], "int"), 1),
      feeds: { x: numbers([2, 4], [3, 9, 9, 1, 7, 0, 7, 2]) },
      expected: numbers([2, 1], [1, 0]),
      type: "int",
    },
  ],
};
