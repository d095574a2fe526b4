/**
 * Cases of the primitives that work element by element.
 *
 * @module
 */
import type { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Value } from "../../../lib/graph/graph.ts";
import type { ElementType } from "../../../lib/graph/primitives.ts";
import type { KernelCase, KernelCases } from "../kernel_case.ts";
import { numbers } from "../numbers.ts";

type Unary =
  | "negate"
  | "exp"
  | "log"
  | "sqrt"
  | "sigmoid"
  | "erf"
  | "leakyRelu"
  | "detach";

type Binary =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "maximum"
  | "minimum"
  | "equal";

/** A function, applied to the first number of each pair, gives the second. */
function unary(
  name: string,
  apply: (g: GraphBuilder, x: Value) => Value,
  pairs: readonly (readonly [number, number])[],
): KernelCase {
  return {
    name,
    build: (g) => apply(g, g.input("x", [-1, pairs.length], "float")),
    feeds: { x: numbers([1, pairs.length], pairs.map(([x]) => x)) },
    expected: numbers([1, pairs.length], pairs.map(([, y]) => y)),
  };
}

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

/** Cases of functions of one number. */
export const UNARY_CASES: Record<Unary, KernelCases> = {
  negate: [unary("values", (g, x) => g.negate(x), [[-2, 2], [0.5, -0.5]])],
  exp: [
    unary("values", (g, x) => g.exp(x), [
      [-1000, 0],
      [-2, 0.1353352832366127],
      [0, 1],
      [0.5, 1.6487212707001282],
      [3, 20.085536923187668],
    ]),
  ],
  log: [
    unary("values", (g, x) => g.log(x), [
      [0, -Infinity],
      [0.125, -2.0794415416798357],
      [1, 0],
      [3, 1.0986122886681098],
      [100, 4.605170185988092],
    ]),
  ],
  sqrt: [
    unary("values", (g, x) => g.sqrt(x), [
      [0, 0],
      [0.25, 0.5],
      [2, 1.4142135623730951],
    ]),
  ],
  sigmoid: [
    unary("values", (g, x) => g.sigmoid(x), [
      [-100, 0],
      [-1, 0.2689414213699951],
      [0, 0.5],
      [0.5, 0.6224593312018546],
      [100, 1],
    ]),
  ],
  erf: [
    unary("values", (g, x) => g.erf(x), [
      [-4, -0.9999999845827421],
      [-1, -0.8427007929497149],
      [-0.125, -0.1403162048013338],
      [0, 0],
      [0.5, 0.5204998778130465],
      [2, 0.9953222650189527],
    ]),
  ],
  leakyRelu: [
    unary("slope 0", (g, x) => g.leakyRelu(x), [[-2, 0], [0, 0], [1.5, 1.5]]),
    unary("positive slope", (g, x) => g.leakyRelu(x, 0.25), [
      [-2, -0.5],
      [0, 0],
      [1.5, 1.5],
    ]),
    unary("negative slope", (g, x) => g.leakyRelu(x, -0.5), [
      [-2, 1],
      [1.5, 1.5],
    ]),
  ],
  detach: [unary("values", (g, x) => g.detach(x), [[-2, -2], [0.5, 0.5]])],
};

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

const TYPES: readonly ElementType[] = ["float", "wide", "int", "uint8", "bool"];

/** Numbers of each type, and what they are as another type. */
const CASTS: Record<
  ElementType,
  readonly [number[], Record<ElementType, number[]>]
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

function castCase(from: ElementType, to: ElementType): KernelCase {
  const [data, results] = CASTS[from];
  return {
    name: `${from} to ${to}`,
    build: (g) => g.cast(g.constant(data, [2, 2], from), to),
    feeds: {},
    expected: numbers([2, 2], results[to]),
    type: to,
  };
}

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
    ...TYPES.flatMap((from) => TYPES.map((to) => castCase(from, to))),
  ],
};
