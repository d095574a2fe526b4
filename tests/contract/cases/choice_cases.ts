/**
 * Cases of `select` and `cast`.
 *
 * @module
 */
import type { KernelCase, KernelCases } from "../kernel_case.ts";
import { numbers } from "../numbers.ts";

/** Cases of `select`. */
export const SELECT_CASES: Record<"select", KernelCases> = {
  select: [
    {
      name: "the condition and both values broadcast",
      build: (g) => {
        const a = g.input("a", [3, 1], "float");
        const b = g.input("b", [2], "float");
        return g.select(g.equal(g.input("c", [2, 1, 1], "float"), 1), a, b);
      },
      feeds: {
        a: numbers([3, 1], [1, 2, 3]),
        b: numbers([2], [-1, -2]),
        c: numbers([2, 1, 1], [1, 0]),
      },
      expected: numbers([2, 3, 2], [1, 1, 2, 2, 3, 3, -1, -2, -1, -2, -1, -2]),
    },
    {
      name: "numbers, where the free dimension holds a condition",
      build: (g) => {
        const x = g.input("x", [-1, 2], "float");
        return g.select(g.equal(x, 0), 5, x);
      },
      feeds: { x: numbers([2, 2], [0, 1, 2, 0]) },
      expected: numbers([2, 2], [5, 1, 2, 5]),
    },
    {
      name: "int",
      build: (g) => {
        const x = g.input("x", [3], "int");
        return g.select(g.equal(x, 2), x, -1);
      },
      feeds: { x: numbers([3], [1, 2, 3]) },
      expected: numbers([3], [-1, 2, -1]),
      type: "int",
    },
  ],
};

const TYPES = ["float", "wide", "int", "uint8", "bool"] as const;

type CastType = (typeof TYPES)[number];

/** Numbers of each type, and what they are as another type. */
const CASTS: Record<
  CastType,
  readonly [number[], Record<CastType, number[]>]
> = {
  float: [[2.75, 0, 1, 200], {
    float: [2.75, 0, 1, 200],
    wide: [2.75, 0, 1, 200],
    int: [2, 0, 1, 200],
    uint8: [2, 0, 1, 200],
    bool: [1, 0, 1, 1],
  }],
  wide: [[2.75, 0, 1, 200], {
    float: [2.75, 0, 1, 200],
    wide: [2.75, 0, 1, 200],
    int: [2, 0, 1, 200],
    uint8: [2, 0, 1, 200],
    bool: [1, 0, 1, 1],
  }],
  int: [[2, 0, 1, 255], {
    float: [2, 0, 1, 255],
    wide: [2, 0, 1, 255],
    int: [2, 0, 1, 255],
    uint8: [2, 0, 1, 255],
    bool: [1, 0, 1, 1],
  }],
  uint8: [[2, 0, 1, 255], {
    float: [2, 0, 1, 255],
    wide: [2, 0, 1, 255],
    int: [2, 0, 1, 255],
    uint8: [2, 0, 1, 255],
    bool: [1, 0, 1, 1],
  }],
  bool: [[1, 0, 0, 1], {
    float: [1, 0, 0, 1],
    wide: [1, 0, 0, 1],
    int: [1, 0, 0, 1],
    uint8: [1, 0, 0, 1],
    bool: [1, 0, 0, 1],
  }],
};

function castCase(from: CastType, to: CastType): KernelCase {
  const [data, results] = CASTS[from];
  return {
    name: `${from} to ${to}`,
    build: (g) => g.cast(g.constant(data, [2, 2], from), to),
    feeds: {},
    expected: numbers([2, 2], results[to]),
    type: to,
  };
}

/** Numbers beside those that float16 has. */
const UNEVEN = [
  0.1,
  -2.0009765625, // Half-way, to the even number below.
  2.0029296875, // Half-way, to the even number above.
  65503,
  1e-5,
  -1e-8,
];

/** Cases of `cast`. */
export const CAST_CASES: Record<"cast", KernelCases> = {
  cast: [
    {
      name: "negative float to int goes towards zero",
      build: (g) => g.cast(g.input("x", [2], "float"), "int"),
      feeds: { x: numbers([2], [-2.75, -0.5]) },
      expected: numbers([2], [-2, 0]),
      type: "int",
    },
    {
      name: "negative float to bool",
      build: (g) => g.cast(g.input("x", [2], "float"), "bool"),
      feeds: { x: numbers([2], [-0.5, 0]) },
      expected: numbers([2], [1, 0]),
      type: "bool",
    },
    {
      name: "float to half and back rounds to float16",
      build: (g) =>
        g.cast(g.cast(g.input("x", [-1, 6], "float"), "half"), "float"),
      feeds: { x: numbers([1, 6], UNEVEN) },
      expected: numbers([1, 6], [...Float16Array.from(UNEVEN)]),
    },
    ...TYPES.flatMap((from) => TYPES.map((to) => castCase(from, to))),
  ],
};
