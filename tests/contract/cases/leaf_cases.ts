/**
 * Cases of the primitives that have no operands.
 *
 * @module
 */
import type { ElementType } from "../../../lib/graph/primitives.ts";
import type { KernelCase, KernelCases } from "../kernel_case.ts";
import { type Numbers, numbers } from "../numbers.ts";

function fed(type: ElementType, data: readonly number[]): KernelCase {
  const expected = numbers([2, data.length / 2], data);
  return {
    name: type,
    build: (g) => g.input("x", expected.shape, type),
    feeds: { x: expected },
    expected,
    type,
  };
}

function written(
  name: string,
  expected: Numbers,
  type: ElementType,
): KernelCase {
  const { data, shape } = expected;
  const build: KernelCase["build"] = (g) => g.constant(data, shape, type);
  return { name, build, feeds: {}, expected, type };
}

function stored(name: string, expected: Numbers): KernelCase {
  return {
    name,
    build: (g) => g.parameter("weight", expected.shape),
    feeds: {},
    parameters: { weight: expected },
    expected,
  };
}

/** Cases of `input`, `parameter` and `constant`. */
export const LEAF_CASES: Record<
  "input" | "parameter" | "constant",
  KernelCases
> = {
  input: [
    fed("float", [-1.5, 0, 0.25, 1024]),
    fed("wide", [-1.5, 0, 0.25, 65536]),
    fed("int", [-3, 0, 7, 1000000]),
    fed("uint8", [0, 1, 128, 255]),
    fed("bool", [0, 1, 1, 0]),
    {
      name: "scalar",
      build: (g) => g.input("x", [], "float"),
      feeds: { x: numbers([], [0.5]) },
      expected: numbers([], [0.5]),
    },
    {
      name: "free dimensions -1 and -2",
      build: (g) =>
        g.add(
          g.input("x", [-1, 2], "float"),
          g.input("z", [-2, 1, 1], "float"),
        ),
      feeds: {
        x: numbers([1, 2], [1, 2]),
        z: numbers([2, 1, 1], [10, 20]),
      },
      expected: numbers([2, 1, 2], [11, 12, 21, 22]),
    },
  ],
  parameter: [
    stored("scalar", numbers([], [-2.5])),
    stored("vector", numbers([3], [1, 0.5, -4])),
    stored("kernel", numbers([2, 1, 1, 2], [1, 2, 3, 4])),
    {
      name: "two parameters, one of them read twice",
      build: (g) => {
        const a = g.parameter("a", [2]);
        return g.add(g.multiply(a, a), g.parameter("b", [1]));
      },
      feeds: {},
      parameters: { b: numbers([1], [0.5]), a: numbers([2], [3, -2]) },
      expected: numbers([2], [9.5, 4.5]),
    },
  ],
  constant: [
    written("float", numbers([2, 2], [-1.5, 0, 0.25, 1024]), "float"),
    written("wide", numbers([2], [-1.5, 65536]), "wide"),
    written("int", numbers([3], [-3, 0, 1000000]), "int"),
    written("uint8", numbers([2], [0, 255]), "uint8"),
    written("bool", numbers([2, 1], [1, 0]), "bool"),
    written("scalar", numbers([], [3]), "float"),
  ],
};
