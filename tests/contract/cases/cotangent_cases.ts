/**
 * Cases of the primitives that pull cotangents back.
 *
 * @module
 */
import type { Attributes } from "../../../lib/graph/primitives.ts";
import type { KernelCase, KernelCases } from "../kernel_case.ts";
import { type Numbers, numbers } from "../numbers.ts";

/** A convolution and a cotangent, pulled back to the input and the kernel. */
interface Convolution {
  readonly name: string;
  readonly attributes: Attributes["conv2d"];
  readonly x: Numbers;
  readonly kernel: Numbers;
  readonly cotangent: Numbers;
  readonly toInput: readonly number[];
  readonly toKernel: readonly number[];
}

const IMAGE = [
  ...[-3, -2, -1, 0, 1, 2, 3, -3, -2, -1, 0, 1],
  ...[2, 3, -3, -2, -1, 0, 1, 2, 3, -3, -2, -1],
];
const X = numbers([1, 2, 3, 4], IMAGE);
const KERNEL = numbers(
  [2, 2, 2, 2],
  [-2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2],
);
const COTANGENT = [-1, 0, 1, 2, -1, 0, 1, 2, -1, 0, 1, 2];

const CONVOLUTIONS: readonly [Convolution, ...Convolution[]] = [
  {
    name: "two channels to two",
    attributes: { stride: 1, padding: 0 },
    x: X,
    kernel: KERNEL,
    cotangent: numbers([1, 2, 2, 3], COTANGENT),
    toInput: [
      ...[3, 5, 1, -3, -6, -5, 5, 6, 0, 0, -6, -2],
      ...[-2, 3, 4, -3, 7, -4, -4, 4, -2, 3, 2, -4],
    ],
    toKernel: [2, 3, -1, -7, -7, -6, 11, -2, 2, -7, 1, 13, 13, 4, -9, -4],
  },
  {
    name: "stride and padding",
    attributes: { stride: 2, padding: 1 },
    x: X,
    kernel: KERNEL,
    cotangent: numbers([1, 2, 2, 3], COTANGENT),
    toInput: [
      ...[-2, -4, -2, 2, -2, 3, 3, 2, 2, -2, -2, -4],
      ...[-2, 4, -4, -3, -4, -2, 3, 0, 0, 3, -2, 4],
    ],
    toKernel: [-2, -1, 1, -1, 0, -3, 1, 6, -4, 3, -3, -5, 4, 1, 3, -6],
  },
  {
    name: "a last row and column that no window reaches, in a batch",
    attributes: { stride: 2, padding: 0 },
    x: numbers([2, 1, 3, 4], IMAGE),
    kernel: numbers([2, 1, 1, 1], [-2, -1]),
    cotangent: numbers([2, 2, 2, 2], [...COTANGENT, -1, 0, 1, 2]),
    toInput: [
      ...[3, 0, 0, 0, 0, 0, 0, 0, -3, 0, -6, 0],
      ...[3, 0, 0, 0, 0, 0, 0, 0, -3, 0, -6, 0],
    ],
    toKernel: [-2, -2],
  },
];

function toInput(c: Convolution): KernelCase {
  const shape = [-1, ...c.x.shape.slice(1)];
  return {
    name: c.name,
    build: (g) =>
      g.conv2dInputGradient(
        g.input("cotangent", [-1, ...c.cotangent.shape.slice(1)], "float"),
        g.input("kernel", c.kernel.shape, "float"),
        { ...c.attributes, shape },
      ),
    feeds: { cotangent: c.cotangent, kernel: c.kernel },
    expected: numbers(c.x.shape, c.toInput),
  };
}

function toKernel(c: Convolution): KernelCase {
  return {
    name: c.name,
    build: (g) =>
      g.conv2dKernelGradient(
        g.input("x", [-1, ...c.x.shape.slice(1)], "float"),
        g.input("cotangent", [-1, ...c.cotangent.shape.slice(1)], "float"),
        { ...c.attributes, shape: c.kernel.shape },
      ),
    feeds: { x: c.x, cotangent: c.cotangent },
    expected: numbers(c.kernel.shape, c.toKernel),
  };
}

function pooling(
  name: string,
  attributes: Attributes["maxPool2d"],
  { x, cotangent, expected }: {
    x: Numbers;
    cotangent: Numbers;
    expected: readonly number[];
  },
): KernelCase {
  return {
    name,
    build: (g) =>
      g.maxPool2dGradient(
        g.input("x", [-1, ...x.shape.slice(1)], "float"),
        g.input("cotangent", [-1, ...cotangent.shape.slice(1)], "float"),
        attributes,
      ),
    feeds: { x, cotangent },
    expected: numbers(x.shape, expected),
  };
}

const BELOW_ZERO = numbers(
  [1, 1, 3, 4],
  [-9, -8, -7, -6, -5, -4, -3, -2, -1, -2, -3, -4],
);

/** Cases of cotangents of windows. */
export const COTANGENT_CASES: Record<
  "conv2dInputGradient" | "conv2dKernelGradient" | "maxPool2dGradient",
  KernelCases
> = {
  conv2dInputGradient: [
    toInput(CONVOLUTIONS[0]),
    ...CONVOLUTIONS.slice(1).map(toInput),
  ],
  conv2dKernelGradient: [
    toKernel(CONVOLUTIONS[0]),
    ...CONVOLUTIONS.slice(1).map(toKernel),
  ],
  maxPool2dGradient: [
    pooling("one maximum of two windows, padding", {
      window: 3,
      stride: 2,
      padding: 1,
    }, {
      x: BELOW_ZERO,
      cotangent: numbers([1, 1, 2, 2], [1, 2, 3, 4]),
      expected: [0, 0, 0, 0, 0, 1, 0, 6, 3, 0, 0, 0],
    }),
    pooling("windows that overlap", { window: 2, stride: 1, padding: 0 }, {
      x: BELOW_ZERO,
      cotangent: numbers([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]),
      expected: [0, 0, 0, 0, 0, 1, 2, 9, 4, 5, 0, 0],
    }),
    pooling("the first of a tie, in a batch", {
      window: 2,
      stride: 2,
      padding: 0,
    }, {
      x: numbers([2, 1, 2, 2], [1, 5, 5, 5, -1, -2, -1, -8]),
      cotangent: numbers([2, 1, 1, 1], [1, 2]),
      expected: [0, 1, 0, 0, 2, 0, 0, 0],
    }),
  ],
};
