/**
 * Cases of the primitives that sum products, and of pooling.
 *
 * @module
 */
import type { Attributes } from "../../../lib/graph/primitives.ts";
import type { Shape } from "../../../lib/graph/shape.ts";
import type { KernelCase, KernelCases } from "../kernel_case.ts";
import { type Numbers, numbers } from "../numbers.ts";

/** A matrix product; `shapes` are those that the program declares. */
function product(
  name: string,
  { a, b, expected, shapes = [a.shape, b.shape], ...transposed }: {
    a: Numbers;
    b: Numbers;
    expected: Numbers;
    shapes?: readonly [Shape, Shape];
    transposeA?: boolean;
    transposeB?: boolean;
  },
): KernelCase {
  return {
    name,
    build: (g) =>
      g.matMul(
        g.input("a", shapes[0], "float"),
        g.input("b", shapes[1], "float"),
        transposed,
      ),
    feeds: { a, b },
    expected,
  };
}

const A = numbers([2, 3], [1, 2, 3, 4, 5, 6]);
const B = numbers([2, 3], [1, 0, 2, -1, 3, 1]);
/** Transposed, the same as B. */
const C = numbers([3, 2], [1, -1, 0, 3, 2, 1]);
const STACK = numbers([2, 2, 3], [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6]);

const PLAIN: KernelCases = [
  product("plain", { a: A, b: C, expected: numbers([2, 2], [7, 8, 16, 17]) }),
  product("left transposed", {
    a: A,
    b: B,
    transposeA: true,
    expected: numbers([3, 3], [-3, 12, 6, -3, 15, 9, -3, 18, 12]),
  }),
  product("right transposed", {
    a: A,
    b: B,
    transposeB: true,
    expected: numbers([2, 2], [7, 8, 16, 17]),
  }),
  product("both transposed", {
    a: C,
    b: A,
    transposeA: true,
    transposeB: true,
    expected: numbers([2, 2], [7, 16, 8, 17]),
  }),
];

const BATCHED: KernelCases = [
  product("both sides broadcast over outer axes", {
    a: numbers([2, 1, 2, 3], [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7]),
    b: numbers(
      [3, 3, 2],
      [-2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0],
    ),
    expected: numbers(
      [2, 3, 2, 2],
      [
        ...[4, 5, 4, -1, 5, -4, -1, -1, -4, 2, -1, -1],
        ...[4, -7, 4, -13, -7, 2, -13, 5, 2, -4, 5, -7],
      ],
    ),
  }),
  product("a matrix by a stack", {
    a: A,
    b: numbers([2, 3, 2], [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6]),
    expected: numbers([2, 2, 2], [-14, -8, -41, -26, 22, 28, 49, 64]),
  }),
  product("a stack by a transposed matrix", {
    a: STACK,
    b: B,
    shapes: [[-1, 2, 3], [2, 3]],
    transposeB: true,
    expected: numbers([2, 2, 2], [-11, -10, -2, -1, 7, 8, 16, 17]),
  }),
  product("stacks, the left ones transposed", {
    a: STACK,
    b: numbers([2, 2, 2], [-3, -2, -1, 0, 1, 2, 3, 4]),
    shapes: [[-1, 2, 3], [-1, 2, 2]],
    transposeA: true,
    expected: numbers(
      [2, 3, 2],
      [17, 10, 13, 8, 9, 6, 13, 18, 17, 24, 21, 30],
    ),
  }),
  product("stacks, the right ones transposed", {
    a: STACK,
    b: numbers([2, 2, 3], [-2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1]),
    transposeB: true,
    expected: numbers([2, 2, 2], [14, -7, 5, -4, 2, -5, 2, -8]),
  }),
  product("stacks, both transposed", {
    a: STACK,
    b: numbers(
      [2, 4, 2],
      [-2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2],
    ),
    transposeA: true,
    transposeB: true,
    expected: numbers(
      [2, 3, 4],
      [
        ...[12, -2, -6, 5, 9, -1, -6, 4, 6, 0, -6, 3],
        ...[9, -6, 4, -6, 12, -9, 5, -6, 15, -12, 6, -6],
      ],
    ),
  }),
  product("free dimension -2 outside", {
    a: numbers([4, 1, 2], [-3, -2, -1, 0, 1, 2, 3, 4]),
    b: numbers([4, 2, 1], [0, 1, 2, 0, 1, 2, 0, 1]),
    shapes: [[-2, 1, 2], [-2, 2, 1]],
    expected: numbers([4, 1, 1], [-2, -2, 5, 4]),
  }),
  product("free dimension inside", {
    a: numbers([1, 2], [1, 2]),
    b: numbers([2, 2], [3, 4, 5, 6]),
    shapes: [[1, -1], [-1, 2]],
    expected: numbers([1, 2], [13, 16]),
  }),
];

const IMAGE = [
  ...[-3, -2, -1, 0, 1, 2, 3, -3, -2, -1, 0, 1],
  ...[2, 3, -3, -2, -1, 0, 1, 2, 3, -3, -2, -1],
];

function convolution(
  name: string,
  attributes: Attributes["conv2d"],
  { kernel, x, expected }: { kernel: Numbers; x: Numbers; expected: Numbers },
): KernelCase {
  return {
    name,
    build: (g) =>
      g.conv2d(
        g.input("x", [-1, ...x.shape.slice(1)], "float"),
        g.input("kernel", kernel.shape, "float"),
        attributes,
      ),
    feeds: { x, kernel },
    expected,
  };
}

const KERNEL = numbers(
  [2, 2, 2, 2],
  [-2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2],
);

const CONVOLUTIONS: KernelCases = [
  convolution("two channels to two", { stride: 1, padding: 0 }, {
    x: numbers([1, 2, 3, 4], IMAGE),
    kernel: KERNEL,
    expected: numbers(
      [1, 2, 2, 3],
      [9, 20, -4, -10, -6, -2, -10, -16, -8, 22, 9, -4],
    ),
  }),
  convolution("stride and padding", { stride: 2, padding: 1 }, {
    x: numbers([1, 2, 3, 4], IMAGE),
    kernel: KERNEL,
    expected: numbers(
      [1, 2, 2, 3],
      [-3, -4, 2, -1, -6, 11, -1, 17, -4, -3, 9, -7],
    ),
  }),
  convolution("a batch, by single cells", { stride: 2, padding: 0 }, {
    x: numbers([2, 1, 3, 4], IMAGE),
    kernel: numbers([2, 1, 1, 1], [2, -1]),
    expected: numbers(
      [2, 2, 2, 2],
      [-6, -2, -4, 0, 3, 1, 2, 0, 4, -6, 6, -4, -2, 3, -3, 2],
    ),
  }),
];

function pooling(
  name: string,
  attributes: Attributes["maxPool2d"],
  { x, expected }: { x: Numbers; expected: Numbers },
): KernelCase {
  return {
    name,
    build: (g) =>
      g.maxPool2d(g.input("x", [-1, ...x.shape.slice(1)], "float"), attributes),
    feeds: { x },
    expected,
  };
}

const BELOW_ZERO = numbers(
  [1, 1, 3, 4],
  [-9, -8, -7, -6, -5, -4, -3, -2, -1, -2, -3, -4],
);

/** Cases of `matMul`, `conv2d` and `maxPool2d`. */
export const CONTRACTION_CASES: Record<
  "matMul" | "conv2d" | "maxPool2d",
  KernelCases
> = {
  matMul: [...PLAIN, ...BATCHED],
  conv2d: CONVOLUTIONS,
  maxPool2d: [
    pooling("padding never wins", { window: 3, stride: 2, padding: 1 }, {
      x: BELOW_ZERO,
      expected: numbers([1, 1, 2, 2], [-4, -2, -1, -2]),
    }),
    pooling("a row that is left over", { window: 2, stride: 2, padding: 0 }, {
      x: BELOW_ZERO,
      expected: numbers([1, 1, 1, 2], [-4, -2]),
    }),
    pooling("windows that overlap", { window: 2, stride: 1, padding: 0 }, {
      x: BELOW_ZERO,
      expected: numbers([1, 1, 2, 3], [-4, -3, -2, -1, -2, -2]),
    }),
    pooling("a batch", { window: 2, stride: 2, padding: 0 }, {
      x: numbers([2, 1, 2, 2], [1, 5, 2, 4, -1, -2, -3, -8]),
      expected: numbers([2, 1, 1, 1], [5, -1]),
    }),
  ],
};
