/**
 * Cases of the primitives that take one number.
 *
 * @module
 */
import type { GraphBuilder } from "../../../lib/graph/builder.ts";
import type { Value } from "../../../lib/graph/graph.ts";
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
