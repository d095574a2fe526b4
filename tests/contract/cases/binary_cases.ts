/**
 * Cases of the primitives that take two numbers.
 *
 * @module
 */
import type { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Value } from "../../../lib/graph/graph.ts";
import type { ElementType } from "../../../lib/graph/primitives.ts";
import type { KernelCase, KernelCases } from "../kernel_case.ts";
import { numbers } from "../numbers.ts";

type Binary =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "maximum"
  | "minimum"
  | "equal";

/** A function of [2, 1, 2] and [3, 1]: both sides grow, to [2, 3, 2]. */
function broadcasting(
  apply: (g: GraphBuilder, a: Value, b: Value) => Value,
  expected: readonly number[],
  type: ElementType = "float",
): KernelCase {
  return {
    name: "both sides broadcast",
    build: (g) =>
      apply(g, g.input("a", [2, 1, 2], "float"), g.input("b", [3, 1], "float")),
    feeds: {
      a: numbers([2, 1, 2], [1, -2, 4, 0.5]),
      b: numbers([3, 1], [2, -4, 0.5]),
    },
    expected: numbers([2, 3, 2], expected),
    type,
  };
}

/** A function of [B, 2] and a number, on either side of it. */
function withNumber(
  apply: (g: GraphBuilder, x: Value) => Value,
  expected: readonly number[],
  options: { name?: string; type?: ElementType } = {},
): KernelCase {
  const { name = "a number on the left", type = "float" } = options;
  return {
    name,
    build: (g) => apply(g, g.input("x", [-1, 2], "float")),
    feeds: { x: numbers([2, 2], [1, -2, 4, 0.5]) },
    expected: numbers([2, 2], expected),
    type,
  };
}

const INTS: Pick<KernelCase, "feeds"> = {
  feeds: { a: numbers([3], [5, -2, 7]), b: numbers([2, 1], [5, 7]) },
};

/** Cases of functions of two numbers. */
export const BINARY_CASES: Record<Binary, KernelCases> = {
  add: [
    broadcasting(
      (g, a, b) => g.add(a, b),
      [3, 0, -3, -6, 1.5, -1.5, 6, 2.5, 0, -3.5, 4.5, 1],
    ),
    withNumber((g, x) => g.add(1, x), [2, -1, 5, 1.5]),
    withNumber((g, x) => g.add(x, -1), [0, -3, 3, -0.5], {
      name: "a number on the right",
    }),
    {
      name: "free dimension -2 grows from 1",
      build: (g) =>
        g.add(g.input("a", [-2, 1], "float"), g.input("b", [1, 2], "float")),
      feeds: { a: numbers([4, 1], [1, 2, 3, 4]), b: numbers([1, 2], [10, 20]) },
      expected: numbers([4, 2], [11, 21, 12, 22, 13, 23, 14, 24]),
    },
  ],
  subtract: [
    broadcasting(
      (g, a, b) => g.subtract(a, b),
      [-1, -4, 5, 2, 0.5, -2.5, 2, -1.5, 8, 4.5, 3.5, 0],
    ),
    withNumber((g, x) => g.subtract(1, x), [0, 3, -3, 0.5]),
  ],
  multiply: [
    broadcasting(
      (g, a, b) => g.multiply(a, b),
      [2, -4, -4, 8, 0.5, -1, 8, 1, -16, -2, 2, 0.25],
    ),
    withNumber((g, x) => g.multiply(-2, x), [-2, 4, -8, -1]),
  ],
  divide: [
    broadcasting(
      (g, a, b) => g.divide(a, b),
      [0.5, -1, -0.25, 0.5, 2, -4, 2, 0.25, -1, -0.125, 8, 1],
    ),
    withNumber((g, x) => g.divide(1, x), [1, -0.5, 0.25, 2]),
  ],
  maximum: [
    broadcasting(
      (g, a, b) => g.maximum(a, b),
      [2, 2, 1, -2, 1, 0.5, 4, 2, 4, 0.5, 4, 0.5],
    ),
    withNumber((g, x) => g.maximum(0, x), [1, 0, 4, 0.5]),
  ],
  minimum: [
    broadcasting(
      (g, a, b) => g.minimum(a, b),
      [1, -2, -4, -4, 0.5, -2, 2, 0.5, -4, -4, 0.5, 0.5],
    ),
    withNumber((g, x) => g.minimum(0, x), [0, -2, 0, 0]),
  ],
  equal: [
    broadcasting(
      (g, a, b) => g.equal(a, b),
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      "bool",
    ),
    withNumber((g, x) => g.equal(4, x), [0, 0, 1, 0], { type: "bool" }),
    {
      name: "int",
      build: (g) =>
        g.equal(g.input("a", [3], "int"), g.input("b", [2, 1], "int")),
      ...INTS,
      expected: numbers([2, 3], [1, 0, 0, 0, 0, 1]),
      type: "bool",
    },
  ],
};
