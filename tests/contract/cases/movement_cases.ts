/**
 * Cases of the primitives that move elements and compute nothing.
 *
 * @module
 */
import type { Value } from "../../../lib/graph/graph.ts";
import type { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Shape } from "../../../lib/graph/shape.ts";
import type { KernelCase, KernelCases } from "../kernel_case.ts";
import { type Numbers, numbers } from "../numbers.ts";

type Movement =
  | "reshape"
  | "transpose"
  | "broadcastTo"
  | "concat"
  | "slice"
  | "gather";

/** Moves x; `shape` is what the program declares. */
function moving(
  name: string,
  apply: (g: GraphBuilder, x: Value) => Value,
  { x, shape = x.shape, expected }: {
    x: Numbers;
    shape?: Shape;
    expected: Numbers;
  },
): KernelCase {
  return {
    name,
    build: (g) => apply(g, g.input("x", shape, "float")),
    feeds: { x },
    expected,
  };
}

const SIX = [1, 2, 3, 4, 5, 6];
const ROWS = numbers([2, 3], SIX);
const CUBE = numbers([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

const RESHAPES: KernelCases = [
  moving("known sizes", (g, x) => g.reshape(x, [3, 1, 2]), {
    x: ROWS,
    expected: numbers([3, 1, 2], SIX),
  }),
  moving("to a scalar", (g, x) => g.reshape(x, []), {
    x: numbers([1, 1], [7]),
    expected: numbers([], [7]),
  }),
  moving("free dimension -1 to -2", (g, x) => g.reshape(x, [-2, 3]), {
    x: CUBE,
    shape: [-1, 2, 3],
    expected: numbers([4, 3], CUBE.data),
  }),
  moving("free dimension -2 to -1", (g, x) => g.reshape(x, [2, 3, -1]), {
    x: numbers([4, 3], CUBE.data),
    shape: [-2, 3],
    expected: numbers([2, 3, 2], CUBE.data),
  }),
];

const TRANSPOSES: KernelCases = [
  moving("a matrix", (g, x) => g.transpose(x, [1, 0]), {
    x: ROWS,
    expected: numbers([3, 2], [1, 4, 2, 5, 3, 6]),
  }),
  moving("the batch to the middle", (g, x) => g.transpose(x, [2, 0, 1]), {
    x: CUBE,
    shape: [-1, 2, 3],
    expected: numbers([3, 2, 2], [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]),
  }),
];

const BROADCASTS: KernelCases = [
  moving("an inner axis", (g, x) => g.broadcastTo(x, [2, 3, 2]), {
    x: numbers([2, 3, 1], SIX),
    expected: numbers([2, 3, 2], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]),
  }),
  moving("new axes", (g, x) => g.broadcastTo(x, [2, 1, 3]), {
    x: numbers([3], [1, 2, 3]),
    expected: numbers([2, 1, 3], [1, 2, 3, 1, 2, 3]),
  }),
  moving("beside a free dimension", (g, x) => g.broadcastTo(x, [-1, 2, 2]), {
    x: numbers([3, 1, 2], SIX),
    shape: [-1, 1, 2],
    expected: numbers([3, 2, 2], [1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6]),
  }),
  {
    name: "to free dimensions -1 and -2",
    build: (g) => {
      const x = g.input("x", [-1, 1], "float");
      const c = g.constant([1, 2], [1, 2]);
      const once = g.broadcastTo(c, [-1, 2]); // [B, 2]
      const twice = g.broadcastTo(c, [-2, 2]); // [2B, 2]
      return g.concat([g.add(once, x), twice], 0); // [3B, 2]
    },
    feeds: { x: numbers([2, 1], [10, 20]) },
    expected: numbers([6, 2], [11, 12, 21, 22, 1, 2, 1, 2, 1, 2, 1, 2]),
  },
];

const CONCATS: KernelCases = [
  moving("axis 0", (g, x) => g.concat([x, g.slice(x, 0, 1, 2), x], 0), {
    x: ROWS,
    expected: numbers([5, 3], [...SIX, 4, 5, 6, ...SIX]),
  }),
  moving("axis 1", (g, x) => g.concat([x, g.negate(x)], 1), {
    x: numbers([2, 2], [1, 2, 3, 4]),
    expected: numbers([2, 4], [1, 2, -1, -2, 3, 4, -3, -4]),
  }),
  moving("the last of three axes", (g, x) => g.concat([x, x], 2), {
    x: numbers([2, 1, 2], [1, 2, 3, 4]),
    shape: [-1, 1, 2],
    expected: numbers([2, 1, 4], [1, 2, 1, 2, 3, 4, 3, 4]),
  }),
  moving("one value", (g, x) => g.concat([x], 0), { x: ROWS, expected: ROWS }),
  {
    name: "int",
    build: (g) =>
      g.concat([g.input("x", [1], "int"), g.constant([9], [1], "int")], 0),
    feeds: { x: numbers([1], [-4]) },
    expected: numbers([2], [-4, 9]),
    type: "int",
  },
];

const SLICES: KernelCases = [
  moving("axis 0", (g, x) => g.slice(x, 0, 1, 2), {
    x: ROWS,
    expected: numbers([1, 3], [4, 5, 6]),
  }),
  moving("axis 1 from the start", (g, x) => g.slice(x, 1, 0, 2), {
    x: ROWS,
    expected: numbers([2, 2], [1, 2, 4, 5]),
  }),
  moving("axis 1 to the end", (g, x) => g.slice(x, 1, 1, 3), {
    x: ROWS,
    expected: numbers([2, 2], [2, 3, 5, 6]),
  }),
  moving("the middle of three axes", (g, x) => g.slice(x, 1, 1, 2), {
    x: CUBE,
    shape: [-1, 2, 3],
    expected: numbers([2, 1, 3], [4, 5, 6, 10, 11, 12]),
  }),
  moving("the last of three axes", (g, x) => g.slice(x, 2, 2, 3), {
    x: CUBE,
    shape: [-1, 2, 3],
    expected: numbers([2, 2, 1], [3, 6, 9, 12]),
  }),
  moving("all", (g, x) => g.slice(x, 1, 0, 3), { x: ROWS, expected: ROWS }),
];

function gathering(ids: Numbers, shape: Shape, expected: Numbers): KernelCase {
  return {
    name: `indices [${shape}]`,
    build: (g) =>
      g.gather(g.input("table", [3, 2], "float"), g.input("ids", shape, "int")),
    feeds: { table: numbers([3, 2], SIX), ids },
    expected,
  };
}

const GATHERS: KernelCases = [
  gathering(
    numbers([4], [2, 0, 2, 2]),
    [4],
    numbers([4, 2], [5, 6, 1, 2, 5, 6, 5, 6]),
  ),
  gathering(
    numbers([2, 1, 2], [0, 1, 1, 0]),
    [-1, 1, 2],
    numbers([2, 1, 2, 2], [1, 2, 3, 4, 3, 4, 1, 2]),
  ),
  gathering(numbers([], [1]), [], numbers([2], [3, 4])),
  {
    name: "rows of an int table",
    build: (g) =>
      g.gather(g.input("table", [2, 1], "int"), g.input("ids", [3], "int")),
    feeds: { table: numbers([2, 1], [7, -8]), ids: numbers([3], [1, 1, 0]) },
    expected: numbers([3, 1], [-8, -8, 7]),
    type: "int",
  },
];

/** Cases of movements. */
export const MOVEMENT_CASES: Record<Movement, KernelCases> = {
  reshape: RESHAPES,
  transpose: TRANSPOSES,
  broadcastTo: BROADCASTS,
  concat: CONCATS,
  slice: SLICES,
  gather: GATHERS,
};
