import type { GraphBuilder } from "../../lib/graph/builder.ts";
import type { Value } from "../../lib/graph/graph.ts";
import { assertRefused, input } from "./refusals.ts";

Deno.test("constant() refuses data that do not fill its shape", () => {
  assertRefused([
    {
      at: "constant",
      build: (g) => g.constant([1, 2, 3], [2, 2]),
      message: "Cannot make a constant of shape [2, 2] as its data must have " +
        "as many numbers: current number is 3",
    },
  ]);
});

Deno.test("element-wise primitives refuse operands of different types", () => {
  assertRefused([
    {
      at: "add",
      build: (g, of) => g.add(of(g, [2]), of(g, [2, 2], "wide")),
      message: "Cannot combine x1 with x2 as their types must be equal: " +
        "current types are float and wide",
    },
    {
      at: "select",
      build: (g, of) => g.select(of(g, [2]), 1, of(g, [2, 2])),
      message: "Cannot select by x1 as it must be bool: current type is float",
    },
    {
      at: "select",
      build: (g, of) =>
        g.select(of(g, [2], "bool"), of(g, []), of(g, [2, 2], "int")),
      message: "Cannot combine x0 with x2 as their types must be equal: " +
        "current types are float and int",
    },
  ]);
});

Deno.test("matMul() refuses operands that do not fit", () => {
  assertRefused([
    {
      at: "matMul",
      build: (g, of) => g.matMul(of(g, [2, 3]), of(g, [-1, 4, 3])),
      message: "Cannot multiply x2 float[2, 3] by x3 float[B, 4, 3] as their " +
        "inner dimensions and types must be equal",
    },
    {
      at: "matMul",
      build: (g, of) => g.matMul(of(g, [2, 3]), of(g, [3])),
      message: "Cannot multiply x1 as it must have at least two axes: " +
        "current shape is [3]",
    },
    {
      at: "matMul",
      build: (g, of) => g.matMul(of(g, [2, 3]), of(g, [1, 3, 2], "wide")),
      message: "Cannot multiply x2 float[2, 3] by x3 wide[1, 3, 2] as their " +
        "inner dimensions and types must be equal",
    },
  ]);
});

Deno.test("axes must be among those of the operand", () => {
  const message = (axis: number) =>
    `Cannot use axis ${axis} as it must be below the rank of [B, 3]`;
  const name = "RangeError";
  assertRefused([
    {
      at: "reduceSum",
      name,
      build: (g, of) => g.reduceSum(of(g, [-1, 3]), [1, 2]),
      message: message(2),
    },
    {
      at: "reduceMax",
      name,
      build: (g, of) => g.reduceMax(of(g, [-1, 3]), [-1]),
      message: message(-1),
    },
    {
      at: "argMax",
      name,
      build: (g, of) => g.argMax(of(g, [-1, 3]), 0.5),
      message: message(0.5),
    },
    {
      at: "concat",
      name,
      build: (g, of) => g.concat([of(g, [-1, 3])], 2),
      message: message(2),
    },
    {
      at: "slice",
      name,
      build: (g, of) => g.slice(of(g, [-1, 3]), 2, 0, 1),
      message: message(2),
    },
  ]);
});

Deno.test("reshape() keeps the number of elements", () => {
  assertRefused([
    {
      at: "reshape",
      build: (g, of) => g.reshape(of(g, [-1, 6]), [-2, 6]),
      message: "Cannot reshape x2 to [2B, 6] as the number of elements must " +
        "stay: current shape is [B, 6]",
    },
    {
      at: "reshape",
      name: "RangeError",
      build: (g, of) => g.reshape(of(g, [-1, 6]), [-1, -6]),
      message: "Cannot count the elements of [B, 6B] as only one dimension " +
        "may be free",
    },
  ]);
});

Deno.test("transpose() names each axis once", () => {
  for (const permutation of [[0, 1], [0, 1, 1], [1, 2, 3]]) {
    assertRefused([
      {
        at: "transpose",
        build: (g, of) => g.transpose(of(g, [-1, 3, 4]), permutation),
        message: `Cannot transpose x3 [B, 3, 4] by [${
          permutation.join(", ")
        }] as it must name each axis once`,
      },
    ]);
  }
});

Deno.test("broadcastTo() grows axes from 1 only", () => {
  assertRefused([
    {
      at: "broadcastTo",
      build: (g, of) => g.broadcastTo(of(g, [2, 3]), [1, 3]),
      message: "Cannot broadcast x2 [2, 3] to [1, 3] as axes may grow from 1 " +
        "only",
    },
    {
      at: "broadcastTo",
      build: (g, of) => g.broadcastTo(of(g, [1, 3]), [3]),
      message: "Cannot broadcast x2 [1, 3] to [3] as axes may grow from 1 only",
    },
    {
      at: "broadcastTo",
      build: (g, of) => g.broadcastTo(of(g, [-1, 3]), [-2, 3]),
      message:
        "Cannot broadcast [B, 3] with [2B, 3] as their dimensions must " +
        "be equal or 1",
    },
  ]);
});

Deno.test("concat() refuses values that differ elsewhere", () => {
  const rule = "as all other sizes and the types must be equal, and either " +
    "all or none of the joined sizes free";
  const joined = (g: GraphBuilder, shape: number[], type?: Value["type"]) =>
    g.concat([g.input("a", [-1, 3], "float"), input(g, shape, type)], 0);
  assertRefused([
    {
      at: "concat",
      build: (g) => joined(g, [-1, 4]),
      message:
        `Cannot join x2 float[B, 4] to a float[B, 3] along axis 0 ${rule}`,
    },
    {
      at: "concat",
      build: (g) => joined(g, [-1, 3], "int"),
      message: `Cannot join x2 int[B, 3] to a float[B, 3] along axis 0 ${rule}`,
    },
    {
      at: "concat",
      build: (g) => joined(g, [2, 3]),
      message:
        `Cannot join x2 float[2, 3] to a float[B, 3] along axis 0 ${rule}`,
    },
    {
      at: "concat",
      build: (g) => g.concat([], 0),
      message: "Cannot apply the primitive as operand 0 must be given: " +
        "current number of operands is 0",
    },
  ]);
});

Deno.test("slice() stays inside an axis of known size", () => {
  for (const [start, end] of [[2, 2], [-1, 2], [0, 4], [3, 1]]) {
    assertRefused([
      {
        at: "slice",
        name: "RangeError",
        build: (g, of) => g.slice(of(g, [-1, 3]), 1, start!, end!),
        message:
          `Cannot slice x2 [B, 3] from ${start} to ${end} along axis 1 ` +
          "as the range must lie inside",
      },
    ]);
  }
  assertRefused([
    {
      at: "slice",
      name: "RangeError",
      build: (g, of) => g.slice(of(g, [-1, 3]), 0, 0, 1),
      message: "Cannot slice x2 [B, 3] from 0 to 1 along axis 0 as the range " +
        "must lie inside",
    },
  ]);
});

Deno.test("gather() takes rows of a matrix by whole numbers", () => {
  assertRefused([
    {
      at: "gather",
      build: (g, of) => g.gather(of(g, [4, 2]), of(g, [3])),
      message: "Cannot gather rows of x2 [4, 2] by x1 as the table must have " +
        "two axes and the indices must be int: current type is float",
    },
    {
      at: "gather",
      build: (g, of) => g.gather(of(g, [4, 2, 2]), of(g, [3], "int")),
      message: "Cannot gather rows of x3 [4, 2, 2] by x1 as the table must " +
        "have two axes and the indices must be int: current type is int",
    },
  ]);
});
